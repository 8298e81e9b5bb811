//! Executes a script that is open, as the kernel does one that has a path.
//!
//! Of a script that is executed by its descriptor, the interpreter would be told
//! `/dev/fd/N`, and a script that looks for files beside itself would find none.
//! Executing the path instead would run whatever is there by then. So the first
//! line is read from the open file, and the interpreter is told the path.

use core::ffi::CStr;

use super::path::Path;
use super::sys::{self, ENOEXEC, Errno};

/// As much of a script as the kernel looks at.
const LOOKED_AT: usize = 256;

/// What a script's first line says.
struct FirstLine<'a> {
    interpreter: &'a [u8],
    /// All that follows the interpreter, as one argument.
    argument: Option<&'a [u8]>,
}

/// Whether the file begins as a script does.
pub(crate) fn is_one(file: i32) -> bool {
    let mut start = [0; 2];
    let Ok(readable) = reopen(file) else {
        return false;
    };
    let read = sys::read(readable, &mut start);
    sys::close(readable);
    read == Ok(2) && start == *b"#!"
}

/// Becomes the script's interpreter. `path` is where the script is, `args` and
/// `env` are lists as [`sys::execute`] has them. Comes back only with an error.
pub(crate) fn execute(file: i32, path: &CStr, args: &[usize], env: &[usize]) -> Errno {
    match try_execute(file, path, args, env) {
        Ok(errno) | Err(errno) => errno,
    }
}

fn try_execute(file: i32, path: &CStr, args: &[usize], env: &[usize]) -> Result<Errno, Errno> {
    // A byte more, which stays the NUL of the last word.
    let mut text = [0; LOOKED_AT + 1];
    let readable = reopen(file)?;
    let len = sys::read(readable, &mut text[..LOOKED_AT]);
    sys::close(readable);
    let line = FirstLine::parse(text.get(..len?).unwrap_or_default()).ok_or(ENOEXEC)?;
    let mut words = [[0; LOOKED_AT + 1]; 2];
    let [interpreter, argument] = &mut words;
    let interpreter = with_nul(interpreter, line.interpreter)?;
    let argument = line
        .argument
        .map(|text| with_nul(argument, text))
        .transpose()?;

    // The script's own arguments, without its name and with the zero.
    let rest = args
        .get(1..)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&[0]);
    let list = sys::pointers(3 + rest.len())?;
    let first = [Some(interpreter), argument, Some(path)];
    let all = first
        .into_iter()
        .flatten()
        .map(|word| word.as_ptr() as usize);
    for (slot, word) in list.iter_mut().zip(all.chain(rest.iter().copied())) {
        *slot = word;
    }
    Ok(sys::execute(interpreter, list, env))
}

/// The same file for reading. It is known to be a plain one, so nothing blocks.
fn reopen(file: i32) -> Result<i32, Errno> {
    const O_RDONLY_CLOEXEC: i32 = 0o2_000_000;
    let mut path = Path::new(b"/proc/self/fd/");
    path.push_number(file as u32);
    path.open(O_RDONLY_CLOEXEC)
}

impl<'a> FirstLine<'a> {
    /// As the kernel reads it: blanks are spaces and tabs, and an interpreter whose
    /// end is not in sight is none.
    fn parse(text: &'a [u8]) -> Option<Self> {
        let rest = text.strip_prefix(b"#!")?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let line = rest.get(..end.unwrap_or(rest.len()))?;
        let line = line.get(line.iter().position(|byte| !is_blank(byte))?..)?;
        let ends = |byte: &u8| is_blank(byte) || *byte == 0;
        let len = line.iter().position(ends);
        if len.is_none() && end.is_none() && text.len() == LOOKED_AT {
            return None;
        }
        let (interpreter, rest) = line.split_at_checked(len.unwrap_or(line.len()))?;
        if interpreter.is_empty() {
            return None;
        }
        let rest = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        let from = rest.iter().position(|byte| !is_blank(byte));
        let to = rest.iter().rposition(|byte| !is_blank(byte));
        let argument = from.zip(to).and_then(|(from, to)| rest.get(from..=to));
        Some(Self {
            interpreter,
            argument,
        })
    }
}

fn with_nul<'a>(place: &'a mut [u8; LOOKED_AT + 1], text: &[u8]) -> Result<&'a CStr, Errno> {
    place
        .get_mut(..text.len())
        .ok_or(ENOEXEC)?
        .copy_from_slice(text);
    CStr::from_bytes_until_nul(place).map_err(|_| ENOEXEC)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::string::String;

    use super::*;

    fn parse(text: &[u8]) -> Option<(String, Option<String>)> {
        let text_of = |bytes: &[u8]| String::from_utf8(bytes.into()).unwrap();
        let line = FirstLine::parse(text)?;
        Some((text_of(line.interpreter), line.argument.map(text_of)))
    }

    #[test]
    fn the_first_line_is_read_as_the_kernel_reads_it() {
        for (text, interpreter, argument) in [
            ("#!/bin/sh\necho", "/bin/sh", None),
            ("#!/bin/sh", "/bin/sh", None),
            ("#! \t/bin/sh \t\n", "/bin/sh", None),
            ("#!/usr/bin/env -S  a b \n", "/usr/bin/env", Some("-S  a b")),
            ("#!/bin/sh -e\0x\n", "/bin/sh", Some("-e")),
            ("#!/bin/sh\0-e\n", "/bin/sh", None),
        ] {
            let expected = (interpreter.into(), argument.map(Into::into));
            assert_eq!(parse(text.as_bytes()), Some(expected), "{text:?}");
        }
        for text in ["", "#", "# !/bin/sh\n", "#!", "#!\n/bin/sh", "#! \t\n"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn an_interpreter_whose_end_is_not_in_sight_is_none() {
        let mut text = [b'x'; LOOKED_AT];
        text[..3].copy_from_slice(b"#!/");
        assert_eq!(parse(&text), None);
        // Its argument may be cut.
        text[9] = b' ';
        let (interpreter, argument) = parse(&text).unwrap();
        assert_eq!(interpreter, "/xxxxxx");
        assert_eq!(argument.map(|text| text.len()), Some(LOOKED_AT - 10));
    }

    #[test]
    fn a_script_is_known_by_its_beginning() {
        for (text, script) in [("#!/bin/sh", true), ("#", false), ("\x7fELF", false)] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            writer.write_all(text.as_bytes()).unwrap();
            assert_eq!(is_one(reader.as_raw_fd()), script, "{text:?}");
        }
        assert!(!is_one(i32::MAX));
    }
}
