//! Owns one running sandbox: follows it to its end, and ends it when asked.
//!
//! Dropping the future of [`Supervisor::follow`] at any point ends the process
//! tree: it owns the control socket, whose closing the init takes for the end,
//! and the child, which the launcher's thread then reaps.

use std::future::pending;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::escalation::{Escalation, Grace, TEARDOWN};
use super::life::{InitReport, Life, Signals};
use super::output::Cause;
use super::pump::{Streams, move_bytes};
use super::stops::Stops;
use super::tree::{Ask, Progress};
use super::turns::{Turn, over};
use crate::pace::Pace;
use crate::sandbox::{Child, Control, Ends, MESSAGE_BYTES, Message};

/// One running sandbox.
pub(super) struct Supervisor {
    child: Child,
    status: pipe::Receiver,
    control: Control,
    grace: Grace,
    drain: Duration,
    progress: watch::Sender<Progress>,
    /// `None` when nobody can ask, or nobody is left who could.
    asks: Option<mpsc::Receiver<Ask>>,
    /// Its turn to start, until its program has or it took too long.
    turn: Option<Turn>,
}

impl Supervisor {
    pub(super) fn new(
        child: Child,
        ends: Ends,
        turn: Option<Turn>,
        grace: Grace,
        drain: Duration,
    ) -> io::Result<Self> {
        Ok(Self {
            child,
            status: pipe::Receiver::from_owned_fd(ends.status)?,
            control: ends.control,
            grace,
            drain,
            progress: watch::Sender::new(Progress::Starting),
            asks: None,
            turn,
        })
    }

    /// Listens to the holders of a child. When the last one is gone, it kills.
    pub(super) fn listen(&mut self, asks: mpsc::Receiver<Ask>) {
        self.asks = Some(asks);
    }

    /// Tells that the program runs; the end is for whoever calls [`Self::follow`].
    pub(super) fn progress(&self) -> watch::Sender<Progress> {
        self.progress.clone()
    }

    /// Follows the sandbox until nothing of it is left.
    pub(super) async fn follow(
        self,
        stops: Stops,
        streams: &mut Streams,
        pace: &Pace,
    ) -> io::Result<Life> {
        let drain = self.drain;
        let mut moving = pin!(pace.keep(move_bytes(streams)));
        let mut life = pin!(self.live(stops));
        let mut moved = false;
        let life = loop {
            tokio::select! {
                life = &mut life => break life?,
                result = &mut moving, if !moved => {
                    result?;
                    moved = true;
                }
            }
        };
        // What was written before the end is in the pipes; nobody is left to
        // write more, unless the sandbox did not go away as it should have.
        if !moved && let Ok(result) = timeout(drain, moving).await {
            result?;
        }
        Ok(life)
    }

    async fn live(mut self, mut stops: Stops) -> io::Result<Life> {
        let mut record = InitReport::default();
        let mut escalation = Escalation::new(self.grace);
        let mut signalled = Signals::default();
        while record.ended.is_none() {
            tokio::select! {
                biased;
                message = next_message(&mut self.status) => match message? {
                    Some(message) => self.note(&mut record, message),
                    None => break,
                },
                () = over(self.turn.as_ref()) => self.turn = None,
                cause = stops.asked(&self.child), if escalation.may_begin() => {
                    escalation.begin(cause, self.grace, &self.control);
                }
                ask = next_ask(&mut self.asks) => match ask {
                    Some(Ask::Usage(reply)) => {
                        // Whoever asked may have gone.
                        let _ = reply.send(self.child.usage());
                    }
                    Some(Ask::Signal(signal)) => {
                        signalled.add(signal);
                        self.control.signal(signal);
                    }
                    Some(Ask::Stop(grace)) => {
                        let interrupt = grace.unwrap_or(self.grace.interrupt);
                        let grace = Grace { interrupt, ..self.grace };
                        if escalation.cause.is_none() {
                            escalation.begin(Cause::Requested, grace, &self.control);
                        }
                    }
                    Some(Ask::Kill) => escalation.kill(&self.control),
                    Some(Ask::Detach(reply)) => {
                        stops.call = None;
                        // Whoever asked may have gone.
                        let _ = reply.send(());
                    }
                    None => {
                        self.asks = None;
                        // What is being ended already keeps its grace.
                        if escalation.cause.is_none() {
                            escalation.kill(&self.control);
                        }
                    }
                },
                () = escalation.wait(), if escalation.cause.is_some() => {
                    if !escalation.next(&self.control) {
                        break;
                    }
                }
            }
        }
        let Self {
            child,
            control,
            turn,
            ..
        } = self;
        // Of a program that has not started at all.
        drop(turn);
        let told = record.ended.is_some();
        let ended = record.ended(escalation.cause, &control)?;
        let elapsed = record.elapsed();
        let limit_hit = control.limit_hit();
        let mut usage = if told {
            record.usage
        } else {
            // Of what does not end, or has not been cleared away yet.
            child.usage()
        };
        control.refine(&mut usage);
        // Ends an init that has not ended by itself.
        drop(control);
        // An init that told the end has ended all but itself, and the launcher's
        // thread sees to the rest alone. So it does when the builder is too slow.
        if !told && let Ok(gone) = timeout(TEARDOWN, child.gone()).await {
            gone?;
        }
        Ok(Life {
            ended,
            elapsed,
            usage,
            full: record.full,
            limit_hit,
            stopped: escalation.cause,
            signalled,
        })
    }

    fn note(&mut self, record: &mut InitReport, message: Message) {
        if matches!(message, Message::Started) {
            self.turn = None;
            self.progress.send_replace(Progress::Running);
        }
        record.note(message);
    }
}

/// What is asked next; `None` when nobody is left who could ask.
async fn next_ask(asks: &mut Option<mpsc::Receiver<Ask>>) -> Option<Ask> {
    match asks {
        Some(asks) => asks.recv().await,
        None => pending().await,
    }
}

/// The next message, `None` when there is none to come. Loses none when dropped:
/// the init writes each at once, and it is read at once.
async fn next_message(status: &mut pipe::Receiver) -> io::Result<Option<Message>> {
    let mut bytes = [0; MESSAGE_BYTES];
    let count = status.read(&mut bytes).await?;
    if count != MESSAGE_BYTES {
        return Ok(None);
    }
    Ok(Message::decode(&bytes))
}
