import Foundation
import LabKit

exit(await LabCommand.run(Array(CommandLine.arguments.dropFirst())))
