use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::*;

fn stream() -> (PipeOutput, pipe::Receiver) {
    let (write, read) = pipe::pipe().unwrap();
    (PipeOutput::new(write), read)
}

/// Fills the pipe and what is kept beside it; gives how much that was.
async fn fill(stream: &mut PipeOutput) -> usize {
    let mut count = 0;
    while is_ready(stream).await {
        assert_eq!(stream.check_write().unwrap(), PERMIT);
        stream.write(Bytes::from(vec![7; PERMIT])).unwrap();
        count += PERMIT;
    }
    count
}

async fn is_ready(stream: &mut PipeOutput) -> bool {
    timeout(Duration::from_millis(50), stream.ready())
        .await
        .is_ok()
}

#[tokio::test]
async fn nothing_is_permitted_while_the_pipe_is_full() {
    let (mut stream, mut read) = stream();
    assert!(is_ready(&mut stream).await);
    let count = fill(&mut stream).await;
    assert_eq!(stream.check_write().unwrap(), 0);
    let mut bytes = vec![0; count - PERMIT];
    read.read_exact(&mut bytes).await.unwrap();
    assert!(is_ready(&mut stream).await);
    assert_eq!(stream.check_write().unwrap(), PERMIT);
    assert!(bytes.iter().all(|byte| *byte == 7));
}

#[tokio::test]
async fn more_than_is_permitted_is_the_guests_fault() {
    let (mut stream, _read) = stream();
    let result = stream.write(Bytes::from(vec![7; PERMIT + 1]));
    assert!(matches!(result, Err(StreamError::Trap(_))));
}

#[tokio::test]
async fn it_is_closed_when_nobody_reads() {
    let (mut stream, read) = stream();
    fill(&mut stream).await;
    drop(read);
    assert!(is_ready(&mut stream).await);
    assert!(matches!(stream.check_write(), Err(StreamError::Closed)));
    let result = stream.write(Bytes::from_static(b"x"));
    assert!(matches!(result, Err(StreamError::Closed)));
}

#[tokio::test]
async fn what_was_written_arrives_after_the_stream_is_dropped() {
    let (mut stream, mut read) = stream();
    let count = fill(&mut stream).await;
    drop(stream);
    let mut bytes = Vec::new();
    read.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes.len(), count);
}
