//! Answers as lines, of which the user types the number or the letter.

use std::io::{self, BufRead as _, Write as _};

use boll_host::plain::escaped;

use super::answer::Answer;

/// Asks; Enter alone is the first answer, and the end of the input is none.
pub(super) fn ask(prompt: &str, answers: &[Answer]) -> io::Result<Option<usize>> {
    let mut text = format!("{prompt}\n");
    for (answer, number) in answers.iter().zip(1..) {
        let shown = escaped(&answer.text);
        text.push_str(&format!("  {number}  {}  {shown}\n", answer.key));
    }
    io::stderr().write_all(text.as_bytes())?;
    loop {
        write!(io::stderr(), "Number or letter of the answer [1]: ")?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match chosen(line.trim(), answers) {
            Some(chosen) => return Ok(Some(chosen)),
            None => writeln!(
                io::stderr(),
                "expected a number from 1 to {}, or a letter",
                answers.len()
            )?,
        }
    }
}

fn chosen(typed: &str, answers: &[Answer]) -> Option<usize> {
    if typed.is_empty() {
        return Some(0);
    }
    let by_key = answers
        .iter()
        .position(|answer| typed == answer.key.to_string());
    by_key.or_else(|| {
        let number: usize = typed.parse().ok()?;
        (1..=answers.len()).contains(&number).then(|| number - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_typed_by_its_number_or_its_letter() {
        let answers = [Answer::new('y', "yes"), Answer::new('n', "no")];
        for (typed, expected) in [
            ("", Some(0)),
            ("1", Some(0)),
            ("2", Some(1)),
            ("n", Some(1)),
            ("0", None),
            ("3", None),
            ("yes", None),
        ] {
            assert_eq!(chosen(typed, &answers), expected, "{typed}");
        }
    }
}
