//! What brings the tools for capsules on Debian. `cargo xtask` compiles this file, too, and so it
//! needs nothing.

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
