import NetValues

/// Something that we ourselves could not do: no right, no descriptor, no file. Never a statement about the network.
package struct Inability: Error, Hashable, Sendable {
    package enum Code: String, Hashable, Sendable {
        case notPermitted, noDescriptors, noMemory, badFile, noResolver, addressUnavailable, cancelled, internalFault
        /// The process was not run while it should have measured.
        case starved
        /// A network interface is down or gone.
        case interfaceUnavailable
        /// The kernel is too old for it, or built without it.
        case unsupported
        /// The other end of a test serves somebody else meanwhile.
        case serverBusy
        /// There is nothing that could be measured so: no fault of anybody's.
        case notApplicable
    }

    package let code: Code
    /// What could not be done: "open a raw ICMP socket".
    package let action: String
    /// Why, in the system's words: "Operation not permitted (EPERM)".
    package let reason: String
    /// What the user can do about it, exactly.
    package let fix: String

    package init(_ code: Code, action: String, reason: String, fix: String) {
        self.code = code
        self.action = action
        self.reason = reason
        self.fix = fix
    }
}

extension Inability: CustomStringConvertible {
    package var description: String { "cannot \(action): \(reason)" }
}
