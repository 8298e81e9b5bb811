//! What the first eight bytes of a WebAssembly file say that it is.

/// How a component begins.
pub(crate) const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// How a core module begins.
pub(crate) const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// What a file is. Components and core modules begin with the same four bytes; the
/// next four tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A component.
    Component,
    /// A core module, which a tool may still turn into a component.
    Module,
    /// Something else.
    Other,
}

impl Kind {
    /// What begins so.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes.get(..8) {
            Some(COMPONENT) => Self::Component,
            Some(MODULE) => Self::Module,
            _ => Self::Other,
        }
    }
}
