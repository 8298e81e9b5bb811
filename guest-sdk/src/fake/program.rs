//! The programs that a fake host pretends to run as children.

use super::kept::Kept;
use crate::process::{Cause, ExitStatus, Output, Signal};

/// A program that a fake host pretends to run as a child.
///
/// It does something only when something happens to it, and all of it at once.
/// A capsule that then waits for more waits forever, which in a test is a
/// panic. Of the ways to write one, [`lines`] and [`cat`] come ready made; an
/// [`Output`], as from [`exited`](super::exited), is a program that writes all
/// of it and ends at once; for anything else implement this.
///
/// ```
/// use boll_sdk::fake::{self, Console, Program};
/// use boll_sdk::process::{Command, Signal};
///
/// /// Goes on until it is told to end.
/// struct Server;
///
/// impl Program for Server {
///     fn start(&mut self, console: &mut Console<'_>) {
///         console.stderr("listening\n");
///     }
///
///     fn end_of_input(&mut self, _: &mut Console<'_>) {}
///
///     fn signal(&mut self, signal: Signal, console: &mut Console<'_>) -> bool {
///         if signal == Signal::Interrupt {
///             console.exit(0);
///         }
///         signal == Signal::Interrupt
///     }
/// }
///
/// let _host = fake::Host::new().children(|_| Ok(Server)).install();
/// let mut child = Command::new("server").spawn()?;
/// assert_eq!(child.try_wait()?, None);
/// assert_eq!(child.stop(None)?.code(), Some(0));
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Program {
    /// It was started.
    fn start(&mut self, console: &mut Console<'_>) {
        let _ = console;
    }

    /// These bytes were written to its standard input.
    fn input(&mut self, bytes: &[u8], console: &mut Console<'_>) {
        let _ = (bytes, console);
    }

    /// Its standard input ended; unless it has none, which is the same at its
    /// start. Exits with code 0 unless written otherwise.
    fn end_of_input(&mut self, console: &mut Console<'_>) {
        console.exit(0);
    }

    /// A signal came, any but [`Signal::Kill`]; gives whether the program
    /// handles it. One that is not handled does what it does to any program.
    fn signal(&mut self, signal: Signal, console: &mut Console<'_>) -> bool {
        let _ = (signal, console);
        false
    }
}

impl<P: Program + ?Sized> Program for Box<P> {
    fn start(&mut self, console: &mut Console<'_>) {
        (**self).start(console);
    }

    fn input(&mut self, bytes: &[u8], console: &mut Console<'_>) {
        (**self).input(bytes, console);
    }

    fn end_of_input(&mut self, console: &mut Console<'_>) {
        (**self).end_of_input(console);
    }

    fn signal(&mut self, signal: Signal, console: &mut Console<'_>) -> bool {
        (**self).signal(signal, console)
    }
}

/// What a [`Program`] does: it writes and ends.
pub struct Console<'a> {
    pub(super) outputs: &'a mut [Kept; 2],
    pub(super) exit: &'a mut Option<ExitStatus>,
    pub(super) cause: Cause,
}

impl Console<'_> {
    /// Writes to the standard output.
    pub fn stdout(&mut self, bytes: impl AsRef<[u8]>) {
        self.write(0, bytes.as_ref());
    }

    /// Writes to the standard error.
    pub fn stderr(&mut self, bytes: impl AsRef<[u8]>) {
        self.write(1, bytes.as_ref());
    }

    /// Ends the program with this code. What it does after that has no effect.
    pub fn exit(&mut self, code: u8) {
        self.end(ExitStatus::from_code(code, self.cause));
    }

    pub(super) fn end(&mut self, status: ExitStatus) {
        self.exit.get_or_insert(status);
    }

    fn write(&mut self, output: usize, bytes: &[u8]) {
        if self.exit.is_none() {
            self.outputs[output].push(bytes);
        }
    }
}

impl Program for Output {
    fn start(&mut self, console: &mut Console<'_>) {
        console.stdout(&self.stdout);
        console.stderr(&self.stderr);
        console.end(self.status);
    }
}

/// A program that answers each line that it reads, given without its end.
/// What comes after the last line end is no line. It exits with code 0 at the
/// end of its input.
///
/// ```
/// use boll_sdk::fake;
/// use boll_sdk::process::{Command, Stdio};
/// use std::io::{Read as _, Write as _};
///
/// let _host = fake::Host::new()
///     .children(|_| Ok(fake::lines(|line, console| match line {
///         "quit" => console.exit(3),
///         name => console.stdout(format!("hello {name}\n")),
///     })))
///     .install();
///
/// let mut child = Command::new("greeter")
///     .stdin(Stdio::piped())
///     .stdout(Stdio::piped())
///     .spawn()?;
/// child.stdin.as_mut().expect("piped").write_all(b"ann\nquit\n")?;
/// let mut text = String::new();
/// child.stdout.take().expect("piped").read_to_string(&mut text)?;
/// assert_eq!(text, "hello ann\n");
/// assert_eq!(child.wait()?.code(), Some(3));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn lines(answer: impl FnMut(&str, &mut Console<'_>)) -> impl Program {
    Lines {
        answer,
        begun: Vec::new(),
    }
}

struct Lines<F> {
    answer: F,
    begun: Vec<u8>,
}

impl<F: FnMut(&str, &mut Console<'_>)> Program for Lines<F> {
    fn input(&mut self, bytes: &[u8], console: &mut Console<'_>) {
        self.begun.extend_from_slice(bytes);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            (self.answer)(&String::from_utf8_lossy(&line[..end]), console);
        }
    }
}

/// A program that writes what it reads.
pub fn cat() -> impl Program {
    Cat
}

struct Cat;

impl Program for Cat {
    fn input(&mut self, bytes: &[u8], console: &mut Console<'_>) {
        console.stdout(bytes);
    }
}
