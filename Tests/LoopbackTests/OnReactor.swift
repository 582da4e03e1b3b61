import LinuxIO
import Testing

/// Runs each test on a thread of its own: they measure time, and on the common pool they would wait behind hundreds of
/// others, some of which make keys.
struct OnReactor: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let executor = try ReactorExecutor()
        defer { executor.stop() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == OnReactor {
    static var onReactor: Self { Self() }
}
