//! What the tools that build a project read outside of it.

/// Files that tools also look for in the folders around a project.
pub(crate) const AROUND: [&str; 23] = [
    ".cargo",
    ".cargo/config",
    ".cargo/config.toml",
    ".npmrc",
    ".pnp.cjs",
    ".pnp.loader.mjs",
    ".yarnrc",
    ".yarnrc.yml",
    "Cargo.lock",
    "Cargo.toml",
    "babel.config.js",
    "go.mod",
    "go.work",
    "go.work.sum",
    "node_modules",
    "package.json",
    "pnpm-workspace.yaml",
    "pyproject.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "tsconfig.json",
    "uv.toml",
    "vendor",
];
