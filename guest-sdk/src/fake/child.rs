//! The children that a fake host pretends to run.

use super::Host;
use super::host::installed;
use super::kept::Kept;
use super::program::{Console, Program};
use crate::process::{
    Cause, Channel, ChildError, ChildId, Chunk, Command, Ends, Error, ExitStatus, Input, Output,
    Phase, Signal, Status, Summary,
};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::{Duration, SystemTime};

#[derive(PartialEq, Eq)]
enum Stdin {
    None,
    Open,
    Closed,
}

/// A child that runs or has ended.
pub(super) struct Running {
    id: String,
    label: Option<String>,
    name: String,
    started_at: SystemTime,
    detached: bool,
    program: Box<dyn Program>,
    stdin: Stdin,
    outputs: [Kept; 2],
    exit: Option<ExitStatus>,
}

pub(crate) fn spawn(command: &Command, ends: Ends<'_>) -> Result<Child, Error> {
    let host = installed("process::Command");
    host.commands.borrow_mut().push(command.clone());
    let Some(start) = &host.start else {
        return Err(Error::Denied {
            capability: format!("process:{}", command.get_program()),
            reason: "this fake host has no children: give it some with \
                     boll_sdk::fake::Host::children"
                .to_owned(),
        });
    };
    let program = (start.borrow_mut())(command)?;
    let number = host.spawned.get() + 1;
    host.spawned.set(number);
    let mut running = Running {
        id: format!("00000000-0000-4000-9000-{number:012x}"),
        label: command.get_label().map(str::to_owned),
        name: command.get_program().to_owned(),
        started_at: super::host::now(),
        detached: false,
        program,
        stdin: Stdin::Open,
        outputs: [Kept::new(ends.stdout), Kept::new(ends.stderr)],
        exit: None,
    };
    running.act(Cause::Own, |program, console| program.start(console));
    match ends.stdin {
        Input::Pipe => {}
        Input::Bytes(bytes) => {
            running.input(bytes);
            running.end_of_input();
        }
        Input::Null => running.end_of_input(),
    }
    if ends.stdin != Input::Pipe {
        running.stdin = Stdin::None;
    }
    let running = Rc::new(RefCell::new(running));
    host.children.borrow_mut().push(Rc::clone(&running));
    Ok(Child {
        running,
        host: Rc::downgrade(&host),
    })
}

pub(crate) fn attach(id: &str) -> Result<Child, ChildError> {
    let host = installed("process::attach");
    let children = host.children.borrow();
    let found = children.iter().find(|child| {
        let child = child.borrow();
        child.detached && child.id == id
    });
    found.map_or(Err(ChildError::UnknownChild), |running| {
        Ok(Child {
            running: Rc::clone(running),
            host: Rc::downgrade(&host),
        })
    })
}

pub(crate) fn children() -> Vec<Summary> {
    let host = installed("process::children");
    let children = host.children.borrow();
    children
        .iter()
        .map(|child| child.borrow().summary())
        .collect()
}

impl Running {
    /// Lets the program do something; what ends it then has this cause.
    fn act(&mut self, cause: Cause, act: impl FnOnce(&mut dyn Program, &mut Console<'_>)) {
        if self.exit.is_none() {
            let mut console = Console {
                outputs: &mut self.outputs,
                exit: &mut self.exit,
                cause,
            };
            act(&mut *self.program, &mut console);
        }
    }

    fn input(&mut self, bytes: &[u8]) {
        self.act(Cause::Own, |program, console| program.input(bytes, console));
    }

    fn end_of_input(&mut self) {
        if self.stdin == Stdin::Open {
            self.stdin = Stdin::Closed;
            self.act(Cause::Own, |program, console| program.end_of_input(console));
        }
    }

    /// A program that handles the signal by ending has this cause for it.
    fn signal(&mut self, signal: Signal, cause: Cause) {
        self.act(cause, |program, console| {
            let handled = signal != Signal::Kill && program.signal(signal, console);
            if let Some(number) = deadly(signal).filter(|_| !handled) {
                console.end(ExitStatus::from_signal(number, Cause::Requested));
            }
        });
    }

    fn summary(&self) -> Summary {
        Summary {
            id: ChildId::from(self.id.as_str()),
            label: self.label.clone(),
            program: self.name.clone(),
            phase: self.phase(),
            detached: self.detached,
            started_at: self.started_at,
        }
    }

    fn phase(&self) -> Phase {
        match self.exit {
            Some(_) => Phase::Exited,
            None => Phase::Running,
        }
    }

    /// Nothing happens in a fake program while a capsule waits for it.
    fn never(&self, what: &str) -> ! {
        panic!(
            "the capsule waits for {what} of the fake program `{}`, which waits for the capsule",
            self.name
        )
    }
}

/// The number of a signal that ends a program unless it is handled.
fn deadly(signal: Signal) -> Option<u8> {
    match signal {
        Signal::Hangup => Some(1),
        Signal::Interrupt => Some(2),
        Signal::Quit => Some(3),
        Signal::Kill => Some(9),
        Signal::User1 => Some(10),
        Signal::User2 => Some(12),
        Signal::Terminate => Some(15),
        Signal::Continue | Signal::Stop | Signal::WindowChange => None,
    }
}

/// The fake host's handle of a child.
pub(crate) struct Child {
    running: Rc<RefCell<Running>>,
    host: Weak<Host>,
}

impl Child {
    pub(crate) fn id(&self) -> String {
        self.running.borrow().id.clone()
    }

    /// A fake program takes everything at once.
    pub(crate) fn write(&self, bytes: &[u8], _: Option<Duration>) -> Result<usize, ChildError> {
        let mut running = self.running.borrow_mut();
        match running.stdin {
            Stdin::None => Err(ChildError::WrongStream),
            Stdin::Closed => Err(ChildError::Closed),
            Stdin::Open if running.exit.is_some() => Err(ChildError::Closed),
            Stdin::Open => {
                running.input(bytes);
                Ok(bytes.len())
            }
        }
    }

    pub(crate) fn close_stdin(&self) -> Result<(), ChildError> {
        let mut running = self.running.borrow_mut();
        if running.stdin == Stdin::None {
            return Err(ChildError::WrongStream);
        }
        running.end_of_input();
        Ok(())
    }

    pub(crate) fn read(
        &self,
        channel: Channel,
        cursor: u64,
        max: usize,
        timeout: Option<Duration>,
    ) -> Result<Option<Chunk>, ChildError> {
        let running = self.running.borrow();
        let kept = &running.outputs[channel as usize];
        let chunk = kept.chunk(cursor, max).ok_or(ChildError::WrongStream)?;
        if chunk.bytes.is_empty() && running.exit.is_none() {
            return match timeout {
                Some(_) => Ok(None),
                None => running.never("output"),
            };
        }
        Ok(Some(chunk))
    }

    pub(crate) fn status(&self) -> Status {
        Status {
            phase: self.running.borrow().phase(),
            cpu: Duration::ZERO,
            peak_memory: 0,
        }
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Result<Option<ExitStatus>, ChildError> {
        let running = self.running.borrow();
        if running.exit.is_none() && timeout.is_none() {
            running.never("the end");
        }
        Ok(running.exit)
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), ChildError> {
        self.running.borrow_mut().signal(signal, Cause::Own);
        Ok(())
    }

    pub(crate) fn stop(&self, _: Option<Duration>) -> Result<ExitStatus, ChildError> {
        let mut running = self.running.borrow_mut();
        for signal in [Signal::Interrupt, Signal::Terminate, Signal::Kill] {
            running.signal(signal, Cause::Requested);
        }
        running.exit.ok_or_else(survived)
    }

    pub(crate) fn kill(&self) -> Result<Output, ChildError> {
        let mut running = self.running.borrow_mut();
        running.signal(Signal::Kill, Cause::Requested);
        let mut output = Output::new(running.exit.ok_or_else(survived)?);
        (output.stdout, output.stdout_dropped) = running.outputs[0].captured();
        (output.stderr, output.stderr_dropped) = running.outputs[1].captured();
        Ok(output)
    }

    pub(crate) fn detach(&self) -> Result<String, ChildError> {
        self.running.borrow_mut().detached = true;
        Ok(self.id())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let mut running = self.running.borrow_mut();
        if running.detached {
            return;
        }
        running.signal(Signal::Kill, Cause::Requested);
        if let Some(host) = self.host.upgrade() {
            let mut children = host.children.borrow_mut();
            children.retain(|child| !Rc::ptr_eq(child, &self.running));
        }
    }
}

fn survived() -> ChildError {
    ChildError::Host("a killed program goes on".to_owned())
}

pub(crate) fn output_stream(child: &Child, channel: Channel) -> Result<InputStream, ChildError> {
    if !child.running.borrow_mut().outputs[channel as usize].take() {
        return Err(ChildError::WrongStream);
    }
    Ok(InputStream {
        running: Rc::clone(&child.running),
        channel,
    })
}

/// One of a child's outputs.
pub(crate) struct InputStream {
    running: Rc<RefCell<Running>>,
    channel: Channel,
}

impl InputStream {
    pub(crate) fn read(&mut self, max: usize) -> Result<Vec<u8>, ChildError> {
        let mut running = self.running.borrow_mut();
        let bytes = running.outputs[self.channel as usize].next(max);
        if bytes.is_empty() && running.exit.is_none() {
            running.never("output");
        }
        Ok(bytes)
    }
}

pub(crate) fn read_to_end(inputs: [Option<InputStream>; 2]) -> Result<[Vec<u8>; 2], ChildError> {
    let mut all = [Vec::new(), Vec::new()];
    for (input, all) in inputs.into_iter().zip(&mut all) {
        let Some(mut input) = input else { continue };
        loop {
            let bytes = input.read(usize::MAX)?;
            if bytes.is_empty() {
                break;
            }
            all.extend(bytes);
        }
    }
    Ok(all)
}
