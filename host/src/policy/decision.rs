//! How a command was judged: the decision with everything that led to it.

use super::{Access, Denial, Grant, ProcessRequest, ResolvedProgram};

/// What became of one command, as [`super::Permissions::decide`] judged it.
///
/// It is only words: what may be started is an
/// [`AuthorizedCommand`](super::AuthorizedCommand), which
/// [`super::Permissions::authorize`] makes of an allowed decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The program that was judged.
    pub program: ResolvedProgram,
    /// The manifest's requests for this program, in its order, whatever their
    /// arguments.
    pub candidates: Vec<&'a ProcessRequest>,
    /// Whether it is allowed, and by what.
    pub verdict: Verdict<'a>,
}

/// Whether a command is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It may start.
    Allowed(Allowance<'a>),
    /// It may not.
    Denied(Refusal<'a>),
}

/// What allows a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance<'a> {
    /// The request of the manifest that it falls under.
    pub request: &'a ProcessRequest,
    /// The grant for the program.
    pub rule: Rule<'a>,
    /// The grants for what the request asks for besides.
    pub further: Vec<Rule<'a>>,
    /// What the process may do beyond what every process may.
    pub access: Access,
}

/// What a command lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The request of the manifest that it would fall under, if there is one.
    pub request: Option<&'a ProcessRequest>,
    /// The grants that it would need and that are there.
    pub rules: Vec<Rule<'a>>,
    /// The first thing that is missing.
    pub first: Denial,
    /// Everything else that is missing.
    pub rest: Vec<Denial>,
}

/// A grant that had a part in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'a> {
    /// Its place among the operator's grants, counted from 0.
    pub index: usize,
    /// The grant.
    pub grant: &'a Grant,
}

impl Refusal<'_> {
    /// Everything that is missing, in the order in which it was judged.
    pub fn denials(&self) -> impl Iterator<Item = &Denial> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}
