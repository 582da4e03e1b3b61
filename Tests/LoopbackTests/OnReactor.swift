import LinuxIO
import Testing

/// Runs tests on a thread of their own: they measure time, and on the common pool they would wait behind hundreds of others.
struct OnReactor: SuiteTrait, TestTrait, TestScoping {
    private static let executor = try? ReactorExecutor()

    var isRecursive: Bool { true }

    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil, let executor = Self.executor else { return try await function() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == OnReactor {
    static var onReactor: Self { Self() }
}
