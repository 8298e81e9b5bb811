//! How large a component may be: every bound of the reader in one place.

/// What a component may have. It is held to this before anything of it is
/// validated or compiled, so that neither grows or recurses beyond what these
/// numbers allow.
///
/// The defaults are several times what the largest components of compilers in use
/// need (a JavaScript engine of 12 MB, a Python interpreter of 18 MB).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComponentLimits {
    /// The bytes of the whole; 128 MiB by default.
    pub bytes: u64,
    /// Components and modules inside one another; 32 by default.
    pub nesting: u64,
    /// Component and instance types inside one another; 64 by default.
    pub type_nesting: u64,
    /// Modules and components in all; 1,000 by default.
    pub modules: u64,
    /// Types in all, those inside other types too; 100,000 by default.
    pub types: u64,
    /// Functions in all; 100,000 by default.
    pub functions: u64,
    /// Imports, exports, aliases, instances, globals, tables, memories, segments
    /// and all else that is listed; 1,000,000 by default.
    pub items: u64,
    /// The instances that are made when the whole is instantiated, of components and
    /// modules, all that those make too; 1,000,000 by default. An instance of a
    /// component counts as much as the largest component before it.
    pub instances: u64,
    /// The bytes of one function; 4 MiB by default.
    pub function_bytes: u64,
    /// The local variables of one function; 50,000 by default.
    pub locals: u64,
    /// The local variables of all functions; 5,000,000 by default.
    pub all_locals: u64,
    /// Blocks inside one another in one function; 50,000 by default. A `switch`
    /// of a thousand cases is a thousand blocks.
    pub block_nesting: u64,
    /// Loops inside one another in one function; 256 by default.
    pub loop_nesting: u64,
    /// The values that may meet where control flow of one function joins: its
    /// blocks and loops times its local variables, and what blocks take and leave;
    /// 20,000,000 by default. The compiler's time and memory grow with them.
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
