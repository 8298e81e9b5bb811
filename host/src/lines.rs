//! Cuts a stream of bytes into lines for the log.

/// The longest line, in bytes; a longer one is cut between characters.
const LONGEST: usize = 8 << 10;

/// Collects bytes until a line is complete. Bytes that are not UTF-8 are replaced, a line
/// at a time: a character that is split across writes stays whole.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    begun: Vec<u8>,
}

impl LineBuffer {
    /// Adds bytes, and passes on every line that they complete.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut line: impl FnMut(&str)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (last, rest) = bytes.split_at(end);
            self.extend(last, &mut line);
            self.flush(self.begun.len(), &mut line);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.extend(bytes, &mut line);
    }

    /// Passes on a last line that has no line break.
    pub(crate) fn finish(&mut self, mut line: impl FnMut(&str)) {
        if !self.begun.is_empty() {
            self.flush(self.begun.len(), &mut line);
        }
    }

    fn extend(&mut self, mut bytes: &[u8], line: &mut impl FnMut(&str)) {
        while self.begun.len() + bytes.len() > LONGEST {
            let (part, rest) = bytes.split_at(LONGEST - self.begun.len());
            self.begun.extend(part);
            bytes = rest;
            self.flush(whole_characters(&self.begun), line);
        }
        self.begun.extend(bytes);
    }

    /// Passes on the first `len` bytes as a line, and keeps the rest.
    fn flush(&mut self, len: usize, line: &mut impl FnMut(&str)) {
        let rest = self.begun.split_off(len);
        line(&String::from_utf8_lossy(&self.begun));
        self.begun = rest;
    }
}

/// Returns the number of bytes before a character that is cut off at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    for back in 1..=3.min(bytes.len()) {
        let at = bytes.len() - back;
        let needed = match bytes[at] {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            0x80..=0xbf => continue,
            _ => 1,
        };
        return if needed > back { at } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
