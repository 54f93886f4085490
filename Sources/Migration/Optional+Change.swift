extension Optional {
    /// Changes the value where it stands, if there is one.
    ///
    /// In place of `value?.part = new`: in a noncopyable type's property that assignment never frees
    /// what the part was before (seen with Swift 6.3), so that each packet or section would leave some
    /// memory behind.
    package mutating func change(_ body: (inout Wrapped) -> Void) {
        guard var value = take() else { return }
        body(&value)
        self = value
    }
}
