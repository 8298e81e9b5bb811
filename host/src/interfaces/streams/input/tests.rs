use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::*;

fn stream() -> (pipe::Sender, PipeInput) {
    let (write, read) = pipe::pipe().unwrap();
    (write, PipeInput::new(read))
}

async fn is_ready(stream: &mut PipeInput) -> bool {
    timeout(Duration::from_millis(50), stream.ready())
        .await
        .is_ok()
}

#[tokio::test]
async fn it_is_ready_when_there_is_a_byte_and_not_before() {
    let (mut write, mut stream) = stream();
    assert!(!is_ready(&mut stream).await);
    assert!(stream.read(10).unwrap().is_empty());
    write.write_all(b"abc").await.unwrap();
    assert!(is_ready(&mut stream).await);
    assert_eq!(stream.read(2).unwrap(), "ab");
    assert!(is_ready(&mut stream).await, "a byte is left");
    assert_eq!(stream.read(10).unwrap(), "c");
    assert!(!is_ready(&mut stream).await);
}

#[tokio::test]
async fn it_is_closed_after_the_last_byte() {
    let (mut write, mut stream) = stream();
    write.write_all(b"abc").await.unwrap();
    drop(write);
    stream.ready().await;
    assert_eq!(stream.read(10).unwrap(), "abc");
    for _ in 0..2 {
        assert!(is_ready(&mut stream).await);
        assert!(matches!(stream.read(1), Err(StreamError::Closed)));
    }
}

#[tokio::test]
async fn reading_nothing_changes_nothing() {
    let (mut write, mut stream) = stream();
    write.write_all(b"abc").await.unwrap();
    assert!(stream.read(0).unwrap().is_empty());
    assert_eq!(stream.blocking_read(3).await.unwrap(), "abc");
}

#[tokio::test]
async fn what_is_not_read_stays_in_the_pipe() {
    let (mut write, mut stream) = stream();
    let writing = tokio::spawn(async move { write.write_all(&vec![7; 4 << 20]).await });
    stream.ready().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!writing.is_finished(), "the writer waits");
    let mut count = 0;
    while let Ok(bytes) = stream.blocking_read(64 << 10).await {
        count += bytes.len();
    }
    assert_eq!(count, 4 << 20);
    writing.await.unwrap().unwrap();
}
