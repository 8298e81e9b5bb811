//! Text in sections: a title, with its lines indented below.

/// A text that grows by sections.
#[derive(Debug, Default)]
pub(crate) struct Sections(String);

impl Sections {
    /// Adds separate lines.
    pub(crate) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Adds a title and its lines, each of which may have lines of its own.
    pub(crate) fn section(&mut self, title: &str, lines: &[impl AsRef<str>]) {
        self.line(title);
        if lines.is_empty() {
            self.line("  nothing");
        }
        for line in lines {
            self.line(&format!("  {}", line.as_ref()));
        }
    }
}

impl From<Sections> for String {
    fn from(sections: Sections) -> Self {
        sections.0
    }
}
