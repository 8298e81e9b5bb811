//! Puts answers to system calls into instructions of the kernel's, as few as will do.
//!
//! Installing a filter costs the kernel some microseconds an instruction, for every
//! sandbox. A filter that compares the number with one call after the other takes
//! several hundred; crates for filters make such, and have one answer for all calls
//! that are listed. Here numbers in a row with the same answer are one range, which
//! is found by halving; single numbers that differ from those around them are
//! compared within their range.
//!
//! Instructions jump forwards only, so the filter is built from its end: what is
//! jumped to is there before the jump.

use std::collections::BTreeMap;

use super::check::{Check, FilterAnswer, Test};

/// An instruction.
pub(super) type Instruction = libc::sock_filter;

/// The first number of calls of the x32 ABI, which mean something else.
const X32: u32 = 0x4000_0000;
/// The most numbers that are compared within one range.
const MOST_SINGLES: usize = 6;

/// Numbers in a row, up to the next segment, and their answer.
struct Segment<'a> {
    start: u32,
    base: FilterAnswer,
    /// Numbers among them that have another.
    singles: Vec<(u32, &'a Check)>,
}

/// The filter for these calls. A number that is not among them is absent; calls of
/// 32-bit code (also from a 64-bit program, by `int 0x80`) and of the x32 ABI kill.
pub(super) fn lay_out(calls: &BTreeMap<u32, Check>) -> Vec<Instruction> {
    const NUMBER_AT: u32 = 0;
    const ARCHITECTURE_AT: u32 = 4;
    const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
    let mut segments = segments(calls);
    segments.push(Segment {
        start: X32,
        base: FilterAnswer::Kill,
        singles: Vec::new(),
    });
    let mut code = Backwards::default();
    let by_number = code.segments(&segments);
    let by_number = code.load(by_number, NUMBER_AT);
    let kill = code.answer(FilterAnswer::Kill);
    let is_native = code.jump(libc::BPF_JEQ, AUDIT_ARCH_X86_64, by_number, kill);
    code.load(is_native, ARCHITECTURE_AT);
    code.0.reverse();
    code.0
}

fn segments(calls: &BTreeMap<u32, Check>) -> Vec<Segment<'_>> {
    const ABSENT: Check = Check::Always(FilterAnswer::Absent);
    let end = calls.last_key_value().map_or(0, |(last, _)| last + 1);
    let of = |number: u32| calls.get(&number).unwrap_or(&ABSENT);
    let mut segments: Vec<Segment<'_>> = Vec::new();
    for number in 0..=end {
        let check = of(number);
        let next_is = |base| *of(number + 1) == Check::Always(base);
        let is_full = |segment: &Segment<'_>| segment.singles.len() == MOST_SINGLES;
        match (segments.last_mut(), check) {
            (Some(segment), Check::Always(answer)) if *answer == segment.base => {}
            (Some(segment), Check::Always(_)) if !is_full(segment) && next_is(segment.base) => {
                segment.singles.push((number, check));
            }
            (_, Check::Always(answer)) => segments.push(Segment {
                start: number,
                base: *answer,
                singles: Vec::new(),
            }),
            (Some(segment), _) if !is_full(segment) => segment.singles.push((number, check)),
            (segment, _) => {
                let base = segment.map_or(FilterAnswer::Absent, |segment| segment.base);
                segments.push(Segment {
                    start: number,
                    base,
                    singles: vec![(number, check)],
                });
            }
        }
    }
    segments
}

/// A place in a filter that is built from its end: how many instructions follow.
#[derive(Debug, Clone, Copy)]
struct At(usize);

/// Where a check begins.
struct Beginning {
    at: At,
    /// Where it goes on, if this part of the arguments is loaded already.
    loaded: Option<(Loaded, At)>,
}

/// The low half of an argument, or some bits of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Loaded {
    argument: u8,
    mask: Option<u32>,
}

#[derive(Default)]
struct Backwards(Vec<Instruction>);

impl Backwards {
    fn segments(&mut self, segments: &[Segment<'_>]) -> At {
        match segments {
            [] => self.answer(FilterAnswer::Absent),
            [segment] => {
                let mut at = self.answer(segment.base);
                for (number, check) in segment.singles.iter().rev() {
                    let then = self.check(check).at;
                    at = self.jump(libc::BPF_JEQ, *number, then, at);
                }
                at
            }
            _ => {
                let (low, high) = segments.split_at(segments.len() / 2);
                let start = high.first().map_or(0, |segment| segment.start);
                let (high, low) = (self.segments(high), self.segments(low));
                self.jump(libc::BPF_JGE, start, high, low)
            }
        }
    }

    fn check(&mut self, check: &Check) -> Beginning {
        /// Where the low half of the first argument is; each takes 8 bytes.
        const ARGUMENTS_AT: u32 = 16;
        let (argument, test, then, otherwise) = match check {
            Check::Always(answer) => {
                let at = self.answer(*answer);
                return Beginning { at, loaded: None };
            }
            Check::If {
                argument,
                test,
                then,
                otherwise,
            } => (*argument, *test, then, otherwise),
        };
        let (comparison, value, mask) = match test {
            Test::Is(value) => (libc::BPF_JEQ, value, None),
            Test::IsAtLeast(value) => (libc::BPF_JGE, value, None),
            Test::HasAny(bits) => (libc::BPF_JSET, bits, None),
            Test::IsMasked { mask, value } => (libc::BPF_JEQ, value, Some(mask)),
        };
        let loaded = Loaded { argument, mask };
        let otherwise = self.check(otherwise).after(loaded);
        let then = self.check(then).after(loaded);
        let on = self.jump(comparison, value, then, otherwise);
        let masked = mask.map(|mask| {
            let and = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
            self.push(and, mask, 0, 0)
        });
        let offset = ARGUMENTS_AT + 8 * u32::from(argument);
        Beginning {
            at: self.load(masked.unwrap_or(on), offset),
            loaded: Some((loaded, on)),
        }
    }

    /// An instruction that gives the answer, near enough to jump to.
    fn answer(&mut self, answer: FilterAnswer) -> At {
        let error = |number: i32| libc::SECCOMP_RET_ERRNO | number as u32;
        let value = match answer {
            FilterAnswer::Allow => libc::SECCOMP_RET_ALLOW,
            FilterAnswer::Ask => libc::SECCOMP_RET_USER_NOTIF,
            FilterAnswer::Refuse => error(libc::EPERM),
            FilterAnswer::Absent => error(libc::ENOSYS),
            FilterAnswer::Unknown => error(libc::EINVAL),
            FilterAnswer::Kill => libc::SECCOMP_RET_KILL_PROCESS,
        };
        let code = libc::BPF_RET | libc::BPF_K;
        let is_it = |one: &Instruction| (u32::from(one.code), one.k) == (code, value);
        match self.0.iter().rposition(is_it) {
            Some(index) if self.0.len() - index < NEAR => At(index),
            _ => self.push(code, value, 0, 0),
        }
    }

    fn jump(&mut self, comparison: u32, value: u32, then: At, otherwise: At) -> At {
        let (then, otherwise) = (self.near(then), self.near(otherwise));
        let distance = |to: At| (self.0.len() - to.0 - 1) as u8;
        let (then, otherwise) = (distance(then), distance(otherwise));
        self.push(
            libc::BPF_JMP | comparison | libc::BPF_K,
            value,
            then,
            otherwise,
        )
    }

    /// The same place, or a jump to it from where a comparison can jump.
    fn near(&mut self, to: At) -> At {
        let distance = self.0.len() - to.0;
        if distance < NEAR {
            return to;
        }
        self.push(libc::BPF_JMP | libc::BPF_JA, distance as u32 - 1, 0, 0)
    }

    /// Loads, and goes on with what was put in last.
    fn load(&mut self, on: At, offset: u32) -> At {
        debug_assert_eq!(on.0 + 1, self.0.len(), "a load falls through");
        self.push(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0)
    }

    fn push(&mut self, code: u32, k: u32, jt: u8, jf: u8) -> At {
        self.0.push(Instruction {
            code: code as u16,
            jt,
            jf,
            k,
        });
        At(self.0.len() - 1)
    }
}

/// As far as a comparison jumps, with room for the two instructions that may
/// have to be put in before it.
const NEAR: usize = 250;

impl Beginning {
    /// Where to jump to when this is loaded already.
    fn after(&self, loaded: Loaded) -> At {
        match self.loaded {
            Some((own, on)) if own == loaded => on,
            _ => self.at,
        }
    }
}
