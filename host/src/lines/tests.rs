use super::*;

fn split(chunks: &[&[u8]]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut buffer = LineBuffer::default();
    for chunk in chunks {
        buffer.push(chunk, |line| lines.push(line.to_owned()));
    }
    buffer.finish(|line| lines.push(line.to_owned()));
    lines
}

#[test]
fn lines_end_where_they_end_not_where_reads_do() {
    assert_eq!(
        split(&[b"on", b"e\n\ntwo\nth", b"ree"]),
        ["one", "", "two", "three"]
    );
}

#[test]
fn a_character_split_between_reads_stays_whole() {
    assert_eq!(split(&[b"\xe2\x82", b"\xac\n"]), ["\u{20ac}"]);
}

#[test]
fn what_is_no_text_is_replaced() {
    assert_eq!(split(&[b"a\xffb\n"]), ["a\u{fffd}b"]);
}

#[test]
fn a_long_line_is_cut_between_characters() {
    let text = format!("x{}", "\u{20ac}".repeat(4000));
    let lines = split(&[text.as_bytes()]);
    assert_eq!(lines.concat(), text);
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.len() <= LONGEST));
}

#[test]
fn a_line_of_the_longest_size_is_one_line() {
    let text = "x".repeat(LONGEST);
    assert_eq!(split(&[text.as_bytes(), b"\n"]), [text]);
}

#[test]
fn bytes_that_only_continue_characters_are_cut_too() {
    let bytes = [0x80; LONGEST + 1];
    assert_eq!(split(&[&bytes]).len(), 2);
}
