//! The one matcher: patterns over lists of words, which are a command's arguments
//! or a topic's segments.

/// `*` stands for exactly one word, `**` at the end for the rest, which may be
/// nothing; anything else for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WordPattern {
    head: Vec<One>,
    rest: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum One {
    Any,
    Exactly(String),
}

/// `**` stands before the end.
#[derive(Debug)]
pub(super) struct RestInside;

impl WordPattern {
    /// The pattern that matches any words.
    pub(super) fn any() -> Self {
        Self {
            head: Vec::new(),
            rest: true,
        }
    }

    /// The pattern that these words write down.
    pub(super) fn parse(mut words: Vec<String>) -> Result<Self, RestInside> {
        let rest = words.last().is_some_and(|word| word == "**");
        if rest {
            words.pop();
        }
        let head = words
            .into_iter()
            .map(|word| match word.as_str() {
                "**" => Err(RestInside),
                "*" => Ok(One::Any),
                _ => Ok(One::Exactly(word)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { head, rest })
    }

    /// The words that write it down.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.head
            .iter()
            .map(|one| match one {
                One::Any => "*",
                One::Exactly(word) => word,
            })
            .chain(self.rest.then_some("**"))
    }

    /// Whether these words match.
    pub(super) fn matches<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> bool {
        let mut words = words.into_iter();
        let head = self.head.iter().all(|one| match (one, words.next()) {
            (_, None) => false,
            (One::Any, Some(_)) => true,
            (One::Exactly(expected), Some(word)) => expected == word,
        });
        head && (self.rest || words.next().is_none())
    }

    /// Whether it matches any words at all.
    pub(super) fn is_any(&self) -> bool {
        self.rest && self.head.is_empty()
    }

    /// Whether it matches exactly one list of words.
    pub(super) fn is_exact(&self) -> bool {
        !self.rest && !self.head.contains(&One::Any)
    }

    /// Whether it matches only an empty list.
    pub(super) fn is_empty(&self) -> bool {
        !self.rest && self.head.is_empty()
    }

    /// Whether some words are matched by this one and by `other`.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let (short, long) = if self.head.len() <= other.head.len() {
            (self, other)
        } else {
            (other, self)
        };
        (short.rest || short.head.len() == long.head.len())
            && short
                .head
                .iter()
                .zip(&long.head)
                .all(|(left, right)| *left == One::Any || *right == One::Any || left == right)
    }

    /// Whether everything that `other` matches is matched by this one too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let enough = if self.rest {
            other.head.len() >= self.head.len()
        } else {
            !other.rest && other.head.len() == self.head.len()
        };
        enough
            && self
                .head
                .iter()
                .zip(&other.head)
                .all(|(mine, theirs)| *mine == One::Any || mine == theirs)
    }
}
