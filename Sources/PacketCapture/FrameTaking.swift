import Wire

/// Takes captured frames one after another, within the call that brings them. The bytes are gone when it returns.
package protocol FrameTaking: AnyObject {
    func take(_ frame: CapturedFrame, _ bytes: Span<UInt8>)
}
