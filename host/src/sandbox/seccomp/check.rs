//! What the filter answers a system call, and what that depends on: data, which
//! `layout` puts into instructions.

/// What the filter answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FilterAnswer {
    Allow,
    /// The caller waits until the init has answered.
    Ask,
    /// `EPERM`: not for a sandboxed process.
    Refuse,
    /// `ENOSYS`: the kernel has no such call.
    Absent,
    /// `EINVAL`: the kernel's call knows no such command.
    Unknown,
    /// The process is killed.
    Kill,
}

/// What a call's answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    Always(FilterAnswer),
    If {
        /// Counted from 0. The kernel takes all that are looked at as 32 bits, so
        /// the filter must look at no more.
        argument: u8,
        test: Test,
        then: Box<Check>,
        otherwise: Box<Check>,
    },
}

/// What an argument is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Is(u32),
    IsAtLeast(u32),
    HasAny(u32),
    IsMasked { mask: u32, value: u32 },
}

pub(super) const ALLOW: Check = Check::Always(FilterAnswer::Allow);
pub(super) const ASK: Check = Check::Always(FilterAnswer::Ask);
pub(super) const REFUSE: Check = Check::Always(FilterAnswer::Refuse);

impl Check {
    /// Looks at an argument.
    pub(super) fn when(argument: u8, test: Test, then: Self, otherwise: Self) -> Self {
        Self::If {
            argument,
            test,
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        }
    }

    /// Refuses these values of an argument, and judges others by `otherwise`.
    pub(super) fn refuse(
        argument: u8,
        values: impl IntoIterator<Item = u32, IntoIter: DoubleEndedIterator>,
        otherwise: Self,
    ) -> Self {
        let values = values.into_iter().rev();
        values.fold(otherwise, |otherwise, value| {
            Self::when(argument, Test::Is(value), REFUSE, otherwise)
        })
    }

    /// Allows the value 0 of an argument only.
    pub(super) fn only_zero(argument: u8) -> Self {
        Self::when(argument, Test::Is(0), ALLOW, REFUSE)
    }
}
