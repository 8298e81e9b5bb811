//! Changes grants in the text of the operator's file. Comments, order and layout of
//! everything else stay.

use boll_host::Digest;
use boll_host::capsule::CapsuleId;
use boll_host::policy::Grant;
use toml_edit::{Array, DocumentMut, InlineTable, Item, RawString, TableLike, Value};

use super::form;
use super::pin::Pin;

/// Why a text cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditError {
    #[error("it is not TOML")]
    Syntax(#[from] toml_edit::TomlError),
    /// There is something else where a table or a list is expected.
    #[error("`{0}` is not a {1}")]
    Shape(&'static str, &'static str),
    /// Its digest would give them to another component than the operator meant.
    #[error("the capsule's entry has secrets for another component: {0}")]
    Secrets(String),
    /// Something else in it is invalid, perhaps since it was changed meanwhile.
    #[error("it is not valid as an operator's file")]
    Invalid,
}

const OF_CAPSULE: EditError = EditError::Shape("the capsule's entry", "table");

/// Adds grants for a component of a capsule, or for it in one folder. Those that it has already are not repeated;
/// those to another component are dropped, because they say nothing about this one.
pub(super) fn add(
    text: &str,
    id: &CapsuleId,
    digest: Digest,
    folder: Option<&str>,
    grants: &[Grant],
) -> Result<String, EditError> {
    let mut document = parsed(text)?;
    let capsules = document.entry("capsule").or_insert_with(implicit_table);
    let item = table_in(capsules, "capsule", id.as_str())?;
    let entry = item.as_table_like_mut().ok_or(OF_CAPSULE)?;
    let pinned = entry.get("digest").and_then(Item::as_str);
    let fits = pinned.is_some_and(|pinned| {
        Pin::try_from(pinned.to_owned()).is_ok_and(|pinned| pinned.fits(digest))
    });
    if !fits {
        set(entry, "digest", digest.to_string().into());
        if let Some(allow) = entry.get_mut("allow").and_then(Item::as_array_mut) {
            allow.clear();
        }
        entry.remove("folders");
    }
    let lists = match folder {
        None => entry,
        Some(_) => table_in(item, "the capsule's entry", "folders")?
            .as_table_like_mut()
            .ok_or(EditError::Shape("folders", "table"))?,
    };
    let allow = lists.entry(folder.unwrap_or("allow"));
    let allow = allow.or_insert_with(|| toml_edit::value(Array::new()));
    let allow = allow
        .as_array_mut()
        .ok_or(EditError::Shape("allow", "list"))?;
    for grant in grants {
        if !allow.iter().any(|held| is_grant(held, grant)) {
            push(allow, grant.to_string());
        }
    }
    Ok(form::like(text, &document.to_string()))
}

/// Removes grants of a capsule.
pub(super) fn remove(text: &str, id: &CapsuleId, grants: &[Grant]) -> Result<String, EditError> {
    let mut document = parsed(text)?;
    let entry = document.get_mut("capsule");
    let entry = entry.and_then(|capsules| capsules.as_table_like_mut()?.get_mut(id.as_str()));
    let Some(entry) = entry.and_then(Item::as_table_like_mut) else {
        return Ok(text.to_owned());
    };
    if let Some(allow) = entry.get_mut("allow").and_then(Item::as_array_mut) {
        without(allow, grants);
    }
    let folders = entry.get_mut("folders").and_then(Item::as_table_like_mut);
    for (_, list) in folders.into_iter().flat_map(|folders| folders.iter_mut()) {
        if let Some(list) = list.as_array_mut() {
            without(list, grants);
        }
    }
    Ok(form::like(text, &document.to_string()))
}

/// Removes grants from a list.
fn without(list: &mut Array, grants: &[Grant]) {
    for index in (0..list.len()).rev() {
        let held = list.get(index);
        let goes = held.is_some_and(|held| grants.iter().any(|grant| is_grant(held, grant)));
        if goes {
            take(list, index);
        }
    }
}

fn parsed(text: &str) -> Result<DocumentMut, EditError> {
    Ok(form::plain(text).parse()?)
}

fn is_grant(held: &Value, grant: &Grant) -> bool {
    held.as_str()
        .and_then(|held| held.parse::<Grant>().ok())
        .is_some_and(|held| held == *grant)
}

/// Returns the table with this name in another one, made like that one if it is missing.
fn table_in<'a>(
    tables: &'a mut Item,
    what: &'static str,
    name: &str,
) -> Result<&'a mut Item, EditError> {
    let inline = tables.is_inline_table();
    let tables = tables
        .as_table_like_mut()
        .ok_or(EditError::Shape(what, "table"))?;
    Ok(tables.entry(name).or_insert_with(|| match inline {
        true => toml_edit::value(InlineTable::new()),
        false => toml_edit::table(),
    }))
}

fn implicit_table() -> Item {
    let mut table = toml_edit::Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Sets a value, which keeps the comment beside it.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(before) => {
            *value.decor_mut() = before.decor().clone();
            *before = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// Appends a text to a list, on a line of its own if the list has one for each.
fn push(list: &mut Array, text: String) {
    let indent = list
        .get(0)
        .and_then(|first| prefix(first).rsplit_once('\n'));
    let indent = indent.map_or_else(|| "    ".to_owned(), |(_, indent)| indent.to_owned());
    // What follows the last element: a comment beside it, and where the list ends.
    let last = list.len().checked_sub(1);
    let suffix = match last.and_then(|last| list.get_mut(last)) {
        Some(last) => {
            let suffix = suffix(last).to_owned();
            last.decor_mut().set_suffix("");
            suffix
        }
        None => String::new(),
    };
    let after = match suffix.is_empty() {
        true => trailing(list),
        false => suffix.clone(),
    };
    let mut value = Value::from(text);
    if let Some((beside, end)) = after.rsplit_once('\n') {
        value.decor_mut().set_prefix(format!("{beside}\n{indent}"));
        list.set_trailing(format!("\n{end}"));
        list.set_trailing_comma(true);
    } else {
        value
            .decor_mut()
            .set_prefix(if last.is_some() { " " } else { "" });
        value.decor_mut().set_suffix(suffix);
    }
    list.push_formatted(value);
}

/// Removes an element of a list, with the comment beside it.
fn take(list: &mut Array, index: usize) {
    let removed = list.remove(index);
    let before = prefix(&removed);
    // All up to the next element: on both sides of the comma.
    let after = |next: &str| format!("{}{next}", suffix(&removed));
    // The comment beside the element before it, and those above it, stay.
    let joined = |after: &str| {
        let end = after.find('\n')?;
        Some(format!("{}{}", before.trim_end(), &after[end..]))
    };
    if let Some(next) = list.get_mut(index) {
        let text = joined(&after(prefix(next))).unwrap_or_else(|| before.to_owned());
        next.decor_mut().set_prefix(text);
    } else {
        let after = after(&trailing(list));
        let text = joined(&after).unwrap_or_else(|| match before.contains('\n') {
            true => before.to_owned(),
            false => after,
        });
        list.set_trailing(text);
    }
    if list.is_empty() {
        list.set_trailing_comma(false);
    }
}

fn trailing(list: &Array) -> String {
    list.trailing().as_str().unwrap_or_default().to_owned()
}

fn prefix(value: &Value) -> &str {
    raw(value.decor().prefix())
}

fn suffix(value: &Value) -> &str {
    raw(value.decor().suffix())
}

fn raw(text: Option<&RawString>) -> &str {
    text.and_then(RawString::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
