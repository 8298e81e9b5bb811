//! Real processes in real sandboxes. Where no sandbox works, every test fails:
//! some of what they run would harm the machine.

mod attack;
mod backends;
mod children;
mod code;
mod detaching;
mod ends;
mod environment;
mod git;
mod host_process;
mod isolation;
mod judged;
mod kernel;
mod launching;
mod machine;
mod neighbours;
mod owners;
mod paths;
mod reuse;
mod sockets;
mod standby;
mod stopping;
mod streams;
mod supervised;
mod support;
mod swapped;
mod threads;
mod torture;
mod tree_limits;
mod usage;
mod users;
