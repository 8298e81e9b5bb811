//! How large a component may be: all limits of the scan in one place.

/// Limits on a component. They are checked before any of it is validated or compiled, so
/// that neither step grows or recurses beyond these numbers.
///
/// The defaults are several times what the largest components of current compilers need
/// (a JavaScript engine of 12 MB, a Python interpreter of 18 MB).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComponentLimits {
    /// The size in bytes; 128 MiB by default.
    pub bytes: u64,
    /// Nesting of components and modules; 32 levels by default.
    pub nesting: u64,
    /// Nesting of component and instance types; 64 levels by default.
    pub type_nesting: u64,
    /// Modules and components in total; 1,000 by default.
    pub modules: u64,
    /// Types in total, including those inside other types; 100,000 by default.
    pub types: u64,
    /// Functions in total; 100,000 by default.
    pub functions: u64,
    /// Imports, exports, aliases, instances, globals, tables, memories, segments and all
    /// other listed items; 1,000,000 by default.
    pub items: u64,
    /// The instances that instantiating the component creates, of components and modules,
    /// including those that these create in turn; 1,000,000 by default. An instance of a
    /// component counts as much as the largest component before it.
    pub instances: u64,
    /// The size of one function in bytes; 4 MiB by default.
    pub function_bytes: u64,
    /// The local variables of one function; 50,000 by default.
    pub locals: u64,
    /// The local variables of all functions; 5,000,000 by default.
    pub all_locals: u64,
    /// Nesting of blocks in one function; 50,000 levels by default. A `switch` of a
    /// thousand cases is a thousand nested blocks.
    pub block_nesting: u64,
    /// Nesting of loops in one function; 256 levels by default.
    pub loop_nesting: u64,
    /// The values that may meet where control flow of one function joins: its blocks and
    /// loops times its local variables, plus what blocks take and return; 20,000,000 by
    /// default. The compiler's time and memory grow with them.
    pub joins: u64,
}

impl Default for ComponentLimits {
    fn default() -> Self {
        Self {
            bytes: 128 << 20,
            nesting: 32,
            type_nesting: 64,
            modules: 1_000,
            types: 100_000,
            functions: 100_000,
            items: 1_000_000,
            instances: 1_000_000,
            function_bytes: 4 << 20,
            locals: 50_000,
            all_locals: 5_000_000,
            block_nesting: 50_000,
            loop_nesting: 256,
            joins: 20_000_000,
        }
    }
}
