import Commands

@main
enum Main {
    /// Not `async`: the main thread stays ours, to wait for signals.
    static func main() {
        Leadsman.main()
    }
}
