//! A child from its start to its end, with a fake host.

use crate::fake::{self, Console, Host};
use crate::process::{self, Cause, ChildError, ChildId, Command, Phase, Signal, Stdio};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

fn echo() -> fake::Installed {
    let answer = |line: &str, console: &mut Console<'_>| {
        console.stdout(format!("out {line}\n"));
        console.stderr(format!("err {line}\n"));
    };
    Host::new()
        .children(move |_| Ok(fake::lines(answer)))
        .install()
}

fn piped() -> Command {
    let mut command = Command::new("echo");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn a_child_answers_while_it_runs() {
    let _host = echo();
    let mut child = piped().spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for word in ["one", "two"] {
        writeln!(stdin, "{word}").unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        assert_eq!(answer, format!("out {word}\n"));
    }
    assert_eq!(child.status().phase, Phase::Running);
    assert_eq!(child.try_wait(), Ok(None));
    drop(stdin);
    let status = child.wait().unwrap();
    assert!(status.success());
    assert_eq!(child.wait(), Ok(status), "it stays readable");
    assert_eq!(stdout.read_line(&mut String::new()).unwrap(), 0);
}

#[test]
fn waiting_closes_the_input_that_nobody_took() {
    let _host = echo();
    assert!(piped().spawn().unwrap().wait().unwrap().success());
}

#[test]
fn an_output_has_the_streams_and_the_rings() {
    let _host = echo();
    let mut child = piped().stderr(Stdio::ring(4)).spawn().unwrap();
    assert!(child.stderr.is_none());
    child.stdin.as_mut().unwrap().write_all(b"a\nb\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"out a\nout b\n");
    assert_eq!(
        (output.stderr.as_slice(), output.stderr_dropped),
        (&b"r b\n"[..], 8)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn each_reader_of_a_ring_has_its_position() {
    let _host = echo();
    let mut child = piped().stdout(Stdio::ring(1024)).spawn().unwrap();
    let mut first = child.stdout_ring();
    let mut buffer = [0; 64];
    assert_eq!(first.read_timeout(&mut buffer, NOW), Ok(None));
    writeln!(child.stdin.as_mut().unwrap(), "a").unwrap();
    assert_eq!(first.read(&mut buffer[..3]).unwrap(), 3);
    let mut second = first.clone();
    let mut whole = child.stdout_ring();
    child.wait().unwrap();
    for (ring, expected) in [
        (&mut first, " a\n"),
        (&mut second, " a\n"),
        (&mut whole, "out a\n"),
        (&mut child.stdout_ring().at(4), "a\n"),
    ] {
        let mut text = String::new();
        ring.read_to_string(&mut text).unwrap();
        assert_eq!(text, expected);
        assert_eq!((ring.position(), ring.dropped()), (6, 0));
    }
    assert_eq!(first.read_timeout(&mut buffer, NOW), Ok(Some(0)));
    let mut none = child.stderr_ring();
    assert_eq!(
        none.read_timeout(&mut buffer, NOW),
        Err(ChildError::WrongStream)
    );
}

#[test]
fn a_dropped_child_ends_and_its_ends_with_it() {
    let _host = echo();
    let mut child = piped().stderr(Stdio::ring(9)).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut ring = child.stderr_ring();
    assert_eq!(process::children().len(), 1);
    drop(child);
    assert_eq!(process::children(), []);
    let error = stdin.write(b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(stdout.read(&mut [0]).is_err());
    assert!(ring.read(&mut [0]).is_err());
}

#[test]
fn a_stream_that_was_read_goes_on_to_its_end() {
    let _host = Host::new()
        .children(|_| Ok(fake::exited(0, "abc", "")))
        .install();
    let mut stdout = {
        let mut child = piped().spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        assert_eq!(stdout.read(&mut [0]).unwrap(), 1);
        stdout
    };
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "bc");
}

#[test]
fn a_detached_child_is_found_again() {
    let _host = echo();
    let id = {
        let mut child = piped().stdout(Stdio::ring(99)).label("it").spawn().unwrap();
        let id = child.detach().unwrap();
        assert_eq!(child.id(), id);
        id
    };
    let listed = process::children();
    assert_eq!((&listed[0].id, listed[0].detached), (&id, true));
    assert_eq!(listed[0].label.as_deref(), Some("it"));

    let mut child = process::attach(&id).unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "a").unwrap();
    drop(child);
    let child = process::attach(&id).unwrap();
    assert_eq!(child.status().phase, Phase::Running, "its input is open");
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.stdout, output.stderr),
        (b"out a\n".into(), b"err a\n".into())
    );

    for unknown in ["", "nobody"] {
        let error = process::attach(&ChildId::from(unknown)).unwrap_err();
        assert_eq!(error, ChildError::UnknownChild);
    }
}

#[test]
fn a_child_that_was_not_detached_cannot_be_attached() {
    let _host = echo();
    let child = piped().spawn().unwrap();
    let error = process::attach(&child.id()).unwrap_err();
    assert_eq!(error, ChildError::UnknownChild);
}

#[test]
fn what_the_capsule_asked_for_is_told() {
    let _host = echo();
    let mut child = piped().spawn().unwrap();
    child.signal(Signal::Continue).unwrap();
    child.signal(Signal::WindowChange).unwrap();
    assert_eq!(child.try_wait(), Ok(None));
    child.signal(Signal::User1).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(
        (status.signal(), status.cause()),
        (Some(10), Cause::Requested)
    );

    let mut child = piped().spawn().unwrap();
    let status = child.kill().unwrap().status;
    assert_eq!(
        (status.signal(), status.cause()),
        (Some(9), Cause::Requested)
    );
    let error = child.stdin.as_mut().unwrap().write(b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn without_programs_nothing_is_spawned() {
    let host = Host::new().install();
    let error = piped().spawn().unwrap_err();
    assert_eq!(error.kind(), process::ErrorKind::Denied);
    assert_eq!(host.commands().len(), 1);
}

#[test]
#[should_panic(expected = "waits for output of the fake program `echo`")]
fn a_test_does_not_hang() {
    let _host = echo();
    let mut child = piped().spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let _ = stdout.read(&mut [0]);
}
