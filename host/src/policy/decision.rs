//! How something that a capsule would do was judged: the decision, with everything
//! that led to it.

use std::ops::Deref;

use super::{Denial, Grant};

/// How one thing that a capsule would do was judged, and by what.
///
/// `R` is what of a manifest asks for it, and `T` the proof that it is allowed, which
/// [`Decision::into_result`] gives. Only [`Permissions`](super::Permissions) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a, R, T = ()> {
    request: Option<MatchedRequest<'a, R>>,
    rules: Vec<Rule<'a>>,
    outcome: Result<T, Refusal>,
}

/// Everything that is missing, in the order in which it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    first: Denial,
    rest: Vec<Denial>,
}

/// A request of a manifest that something falls under.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatchedRequest<'a, R> {
    /// Its place among the manifest's requests of its kind, counted from 0.
    pub index: usize,
    /// The request.
    pub request: &'a R,
}

/// A grant that had a part in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule<'a> {
    /// Its place among the operator's grants, counted from 0.
    pub index: usize,
    /// The grant.
    pub grant: &'a Grant,
}

impl<'a, R, T> Decision<'a, R, T> {
    /// Allowed where nothing is missing. Only then its proof is made.
    pub(super) fn new(
        request: Option<MatchedRequest<'a, R>>,
        rules: impl IntoIterator<Item = Rule<'a>>,
        missing: impl IntoIterator<Item = Denial>,
        proof: impl FnOnce() -> T,
    ) -> Self {
        let mut missing = missing.into_iter();
        match missing.next() {
            Some(first) => Self::refused(request, rules, first, missing),
            None => Self {
                request,
                rules: rules.into_iter().collect(),
                outcome: Ok(proof()),
            },
        }
    }

    /// Refused, because this is missing, and the rest too.
    pub(super) fn refused(
        request: Option<MatchedRequest<'a, R>>,
        rules: impl IntoIterator<Item = Rule<'a>>,
        first: Denial,
        rest: impl IntoIterator<Item = Denial>,
    ) -> Self {
        Self {
            request,
            rules: rules.into_iter().collect(),
            outcome: Err(Refusal {
                first,
                rest: rest.into_iter().collect(),
            }),
        }
    }

    /// The same decision with another proof.
    pub(super) fn map<U>(self, proof: impl FnOnce(T) -> U) -> Decision<'a, R, U> {
        Decision {
            request: self.request,
            rules: self.rules,
            outcome: self.outcome.map(proof),
        }
    }

    /// Returns the request of the manifest that it falls under, or would if more were
    /// granted.
    #[must_use]
    pub fn request(&self) -> Option<MatchedRequest<'a, R>> {
        self.request
    }

    /// Returns the grants that it needs and that are there.
    #[must_use]
    pub fn rules(&self) -> &[Rule<'a>] {
        &self.rules
    }

    /// Everything that is missing, in the order in which it was judged; nothing when
    /// it is allowed.
    pub fn missing(&self) -> impl Iterator<Item = &Denial> {
        let refusal = self.outcome.as_ref().err().into_iter();
        refusal.flat_map(|refusal| std::iter::once(&refusal.first).chain(&refusal.rest))
    }

    /// Returns whether it is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.outcome.is_ok()
    }

    /// Returns the proof that it is allowed, or the first thing that is missing.
    ///
    /// # Errors
    ///
    /// It is not allowed.
    pub fn outcome(&self) -> Result<&T, &Denial> {
        self.outcome.as_ref().map_err(|refusal| &refusal.first)
    }

    /// Returns the proof that it is allowed, or the first thing that is missing, for use.
    ///
    /// # Errors
    ///
    /// It is not allowed.
    pub fn into_result(self) -> Result<T, Denial> {
        self.outcome.map_err(|refusal| refusal.first)
    }
}

impl<'a, R> MatchedRequest<'a, R> {
    /// Each of the requests of one kind, with its place.
    pub(super) fn each(requests: &'a [R]) -> impl Iterator<Item = Self> + Clone {
        let requests = requests.iter().enumerate();
        requests.map(|(index, request)| Self { index, request })
    }
}

// Derived, these would need the request to be one.
impl<R> Clone for MatchedRequest<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for MatchedRequest<'_, R> {}

impl<R> Deref for MatchedRequest<'_, R> {
    type Target = R;

    fn deref(&self) -> &R {
        self.request
    }
}
