//! Grants by what they name exactly: thousands of requests are held against
//! thousands of grants in little time.

use std::collections::HashMap;

/// Grants of one kind, those with exactly one name by that.
pub(super) struct Index<'a, T> {
    exact: HashMap<String, Vec<&'a T>>,
    /// Those that name several things.
    wide: Vec<&'a T>,
}

impl<'a, T> Index<'a, T> {
    /// All of them; `name` gives the only name of one, if it has just one.
    pub(super) fn of(
        all: impl Iterator<Item = &'a T>,
        name: impl Fn(&T) -> Option<String>,
    ) -> Self {
        let mut index = Self {
            exact: HashMap::new(),
            wide: Vec::new(),
        };
        for one in all {
            match name(one) {
                Some(name) => index.exact.entry(name).or_default().push(one),
                None => index.wide.push(one),
            }
        }
        index
    }

    /// Those that may have to do with a name, or with any where it is not just one:
    /// all others have not.
    pub(super) fn near<'s>(
        &'s self,
        name: Option<&str>,
    ) -> impl Iterator<Item = &'a T> + use<'a, 's, T> {
        let (few, all) = match name {
            Some(name) => (self.exact.get(name), None),
            None => (None, Some(self.exact.values().flatten())),
        };
        let few = few.into_iter().flatten();
        few.chain(all.into_iter().flatten())
            .chain(&self.wide)
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_to_do_with_a_name_is_found() {
        let all = ["a", "b", "a", "*"];
        let exact = |one: &&str| (*one != "*").then(|| (*one).to_owned());
        let index = Index::of(all.iter(), exact);
        let near = |name| {
            let mut near: Vec<&str> = index.near(name).copied().collect();
            near.sort_unstable();
            near
        };
        assert_eq!(near(Some("a")), ["*", "a", "a"]);
        assert_eq!(near(Some("c")), ["*"]);
        assert_eq!(near(None), ["*", "a", "a", "b"]);
    }
}
