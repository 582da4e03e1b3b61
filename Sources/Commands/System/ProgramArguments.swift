import CLinux

/// What was typed behind the program's name. Not `CommandLine.arguments`, which is empty without /proc.
enum ProgramArguments {
    static var all: [String] {
        var arguments: [String] = []
        while let argument = leadsman_argument(Int32(arguments.count) + 1) {
            arguments.append(String(cString: argument))
        }
        return arguments
    }
}
