/// The results of `work` for all inputs at the same time, in the inputs' order. The first interruption in that order is
/// thrown, after all have ended.
package func concurrently<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ work: @escaping @Sendable (Input) async throws(ProbeInterruption) -> Output
) async throws(ProbeInterruption) -> [Output] {
    // Most checks have one server, one type, one address: a task of its own would cost more than the rest of the sample.
    if inputs.count == 1 { return [try await work(inputs[0])] }
    let results = await withTaskGroup(of: (Int, Result<Output, ProbeInterruption>).self) { group in
        for (index, input) in inputs.enumerated() {
            group.addTask {
                do throws(ProbeInterruption) {
                    return (index, .success(try await work(input)))
                } catch { return (index, .failure(error)) }
            }
        }
        var results: [Int: Result<Output, ProbeInterruption>] = [:]
        for await (index, result) in group { results[index] = result }
        return results
    }
    var outputs: [Output] = []
    for index in inputs.indices {
        if let output = try results[index]?.get() { outputs.append(output) }
    }
    return outputs
}
