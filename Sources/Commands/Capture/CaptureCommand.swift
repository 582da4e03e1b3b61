import ArgumentParser
import Diagnosis
import LinuxIO
import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Reporting

/// `leadsman capture [FILTER...]`
struct CaptureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Capture packets and say what they show.",
        discussion: """
            Ends after --for or --packets, or at the first SIGINT or SIGTERM, and then says what is wrong in what it saw. \
            Nothing is sent. Needs CAP_NET_RAW.
            """)

    @OptionGroup var capture: CaptureOptions
    @OptionGroup var files: CaptureFileOptions

    @Flag(help: "List the interfaces that can be captured on, and do nothing else.")
    var list = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        if list { return try printResult(InterfaceList.text(try interfaces())) }
        throw ExitCode(await CaptureSession(options: capture, files: files, output: output.session()).run())
    }

    private func interfaces() throws -> [NetworkInterface] {
        do throws(Inability) {
            return try NetworkInterface.all()
        } catch {
            complain("\(error)\n  to mend it: \(error.fix)")
            throw ExitCode(ExitStatus.unmeasured)
        }
    }
}
