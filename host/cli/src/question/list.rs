//! Answers as a list, of which the user chooses one by keys.

use std::io;

use boll_host::plain::escaped;
use console::{Key, Term, set_colors_enabled_stderr, style};

use super::answer::Answer;
use crate::output::has_colours;

/// The keys that work in each question.
const KEYS: &str = "arrow keys and Enter, or the letter; Esc is no";

/// The answers on the terminal, of which one is marked.
pub(super) struct List {
    terminal: Term,
    prompt: String,
    answers: Vec<Answer>,
}

impl List {
    pub(super) fn new(prompt: &str, answers: &[Answer]) -> Self {
        Self {
            terminal: Term::stderr(),
            prompt: prompt.to_owned(),
            answers: answers.to_vec(),
        }
    }

    pub(super) fn ask(&self) -> io::Result<Option<usize>> {
        set_colors_enabled_stderr(has_colours(&io::stderr()));
        self.terminal.write_line(&format!(
            "{} {}",
            style(&self.prompt).for_stderr().bold(),
            style(format!("({KEYS})")).for_stderr().dim()
        ))?;
        self.terminal.hide_cursor()?;
        let chosen = self.choose()?;
        let text = chosen.and_then(|chosen| self.answers.get(chosen));
        let text = text.map_or("no", |answer| &*answer.text);
        self.terminal.write_line(&format!("  {}", escaped(text)))?;
        self.terminal.show_cursor()?;
        Ok(chosen)
    }

    /// Returns the answer that is chosen by a key. The list is gone then.
    fn choose(&self) -> io::Result<Option<usize>> {
        let count = self.answers.len();
        let mut marked = 0;
        loop {
            for (number, answer) in self.answers.iter().enumerate() {
                self.terminal
                    .write_line(&self.line(answer, number == marked))?;
            }
            let key = self.terminal.read_key()?;
            self.terminal.clear_last_lines(count)?;
            match key {
                Key::Enter => return Ok(Some(marked)),
                Key::Escape | Key::Char('q') => return Ok(None),
                Key::ArrowDown | Key::Tab => marked = (marked + 1) % count,
                Key::ArrowUp | Key::BackTab => marked = (marked + count - 1) % count,
                Key::Char(key) => {
                    let mut answers = self.answers.iter();
                    if let Some(found) = answers.position(|answer| answer.key == key) {
                        return Ok(Some(found));
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns an answer as one line of the terminal: it is redrawn by its lines.
    fn line(&self, answer: &Answer, marked: bool) -> String {
        let (_, width) = self.terminal.size();
        let mark = if marked { ">" } else { " " };
        let text = format!("{mark} {}  {}", answer.key, escaped(&answer.text));
        let text: String = text.chars().take(usize::from(width).max(40) - 1).collect();
        match marked {
            true => style(text).for_stderr().cyan().to_string(),
            false => text,
        }
    }
}
