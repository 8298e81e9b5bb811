//! Recognises WebAssembly files by their first eight bytes.

/// The first bytes of a component.
pub(crate) const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// The first bytes of a core module.
pub(crate) const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// The kind of a file. Components and core modules begin with the same four bytes; the
/// next four distinguish them.
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
    /// Returns the kind of a file that begins with these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes.get(..8) {
            Some(COMPONENT) => Self::Component,
            Some(MODULE) => Self::Module,
            _ => Self::Other,
        }
    }
}
