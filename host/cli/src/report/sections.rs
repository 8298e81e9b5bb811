//! Text in sections: a title, and what belongs to it indented below.

/// A text that grows by sections.
#[derive(Debug, Default)]
pub(crate) struct Sections(String);

impl Sections {
    /// Some lines of their own.
    pub(crate) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A title, and its lines, which may have lines below them.
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
