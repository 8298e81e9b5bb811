//! What is gathered of a whole command: the settings that it has for git, and the
//! names of folders that matter because something is computed.
//!
//! Pure.

use super::super::arguments::Argument;
use super::super::computed;
use super::super::config::Entry;
use super::super::shapes::{is_command, is_folder, program_name};
use super::super::shell::{assignment, split};
use super::super::word::{Computed, Word};
use super::{NAMES_MAX, Reader};

impl Reader {
    pub(super) fn setting(&mut self, key: &[u8], value: &[u8]) {
        // A command is taken apart with the variables that are not known.
        let whole = self.variables.substitute(value);
        for value in self.variables.resolved(value).into_iter().chain([whole]) {
            let entry = Entry::of(&String::from_utf8_lossy(key), "");
            let entry = entry.map(|entry| Entry { value, ..entry });
            self.found.extend(entry.map(Word::Setting));
        }
    }

    /// The settings that variables of git's are.
    pub(super) fn settings_of_variables(&mut self) {
        for (name, value) in self.variables.0.clone() {
            if let Some(number) = name.strip_prefix(b"GIT_CONFIG_KEY_") {
                let name = [b"GIT_CONFIG_VALUE_", number].concat();
                if let Some(set) = self.variables.0.get(&name).cloned() {
                    self.setting(&value, &set);
                }
            }
            if name == b"GIT_CONFIG_PARAMETERS" {
                for one in split(&value) {
                    self.argument(Argument::Setting(&one), 0);
                }
            }
        }
    }

    /// What matters of it because something is computed.
    pub(super) fn where_computed(&mut self, paths: &[Word]) -> Word {
        self.too_deep |= self.names.len() > NAMES_MAX;
        let executed = paths.iter().filter_map(|path| match path {
            Word::Path { text, runs: true } => Some(text.clone()),
            _ => None,
        });
        Word::Computed(Computed {
            folders: std::mem::take(&mut self.names),
            paths: executed.collect(),
            lost: self.lost,
        })
    }

    /// Takes a word for the name of a folder, if something is computed. `program` is
    /// what it is given to.
    pub(super) fn name(&mut self, word: &[u8], program: Option<&[u8]>) {
        self.computed |= computed::computes(word);
        let name = program.map(program_name);
        let taken_apart = name.is_none_or(computed::is_shell) && is_command(word);
        let looked_up = name.is_none() && assignment(word).is_none() && computed::is_bare(word);
        if self.names.len() > NAMES_MAX || taken_apart || looked_up && !self.document {
            return;
        }
        self.computed |= name.is_some() && is_command(word);
        self.names.extend(computed::names(word));
        let whole = self.variables.resolved(word);
        self.names
            .extend(whole.into_iter().filter(|text| is_folder(text)));
    }
}
