//! The packages of Debian that bring the tools for capsules. `cargo xtask` compiles this file,
//! too, so it uses no other.

pub(crate) const GIT: [&str; 1] = ["git"];
pub(crate) const NODE: [&str; 2] = ["nodejs", "npm"];
pub(crate) const PYTHON: [&str; 2] = ["python3", "python3-venv"];
pub(crate) const C: [&str; 5] = [
    "clang",
    "libclang-rt-dev-wasm32",
    "lld",
    "make",
    "wasi-libc",
];
