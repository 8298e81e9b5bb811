//! What one instance of a component may consist of.

/// Limits on what one instance of a component consists of.
///
/// A Rust component has 3 core instances, 1 memory and 2 tables; a Python component has 14
/// core instances, one with NumPy 34; a composed component has as much as its parts
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineLimits {
    /// Core instances; 128 by default.
    pub core_instances: u32,
    /// Linear memories; 16 by default.
    pub memories: u32,
    /// Tables; 64 by default.
    pub tables: u32,
    /// Elements of one table; 100,000 by default.
    pub table_elements: u32,
    /// The stack of a call, in bytes; 1 MiB by default. Every call that is under way takes
    /// as much address space, and as much memory as it has used.
    pub stack: u64,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self {
            core_instances: 128,
            memories: 16,
            tables: 64,
            table_elements: 100_000,
            stack: 1 << 20,
        }
    }
}
