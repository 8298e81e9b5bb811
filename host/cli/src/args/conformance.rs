//! The arguments of the command that runs the conformance suite.

use std::path::PathBuf;

use clap::{Args, value_parser};

use crate::conformance::report::Format;

/// `boll conformance`.
#[derive(Debug, Args)]
pub(crate) struct Conformance {
    /// The host to test: a program that speaks the protocol of docs/conformance.md, and its
    /// arguments [default: this program]
    #[arg(long, value_name = "COMMAND")]
    pub(crate) host: Option<String>,

    /// The suite: its folder, or an archive that --pack wrote
    /// [default: the one in the checkout around the current folder]
    #[arg(long, value_name = "DIR|ARCHIVE")]
    pub(crate) suite: Option<PathBuf>,

    /// Only these cases; `*` matches anything; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Vec<String>,

    /// The format of the results [default: table; json with --output json]
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    /// A file of expected results: the cases that the host fails or does not support
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,

    /// How long a host may take for one answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    pub(crate) timeout: u64,

    /// Cases at a time, each in its own host [default: one per processor]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) jobs: Option<usize>,

    /// Let cases grant the network, which is this machine's; such cases are refused otherwise
    #[arg(long)]
    pub(crate) allow_network: bool,

    /// List the cases without running any
    #[arg(long, conflicts_with_all = ["host", "expect", "pack"])]
    pub(crate) list: bool,

    /// Write the suite into one archive with built components, without running it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "expect"])]
    pub(crate) pack: Option<PathBuf>,

    /// Act as the host: read requests from standard input, answer on standard output
    #[arg(long, conflicts_with_all = ["host", "suite", "only", "expect", "list", "pack"])]
    pub(crate) serve: bool,
}
