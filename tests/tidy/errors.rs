//! Errors: each has its cause in its text or as its source, never both.

use crate::sources::{Source, sources};

#[test]
fn no_error_repeats_its_source_in_its_text() {
    let mut twice = Vec::new();
    for source in sources("") {
        let told_twice = tells_twice(&source);
        twice.extend(told_twice.map(|variant| format!("{}: {variant}", source.path)));
    }
    assert!(
        twice.is_empty(),
        "in the text and as the source: {twice:#?}"
    );
}

/// Returns the errors whose text mentions their source.
fn tells_twice(source: &Source) -> impl Iterator<Item = &str> {
    source.text.split("#[error(").skip(1).filter(|error| {
        let error = error.split("\n}").next().unwrap_or_default();
        let (text, variant) = error.split_once(")]\n").unwrap_or((error, ""));
        name_of_source(variant).is_some_and(|name| {
            let forms = [
                format!("{{{name}}}"),
                format!("{{{name}:"),
                format!(".{name}"),
                format!(" {name},"),
            ];
            forms.iter().any(|form| text.contains(form.as_str()))
        })
    })
}

/// Returns the name or the index of the field that is the source.
fn name_of_source(variant: &str) -> Option<String> {
    let mark = ["#[source]", "#[from]", " source:"]
        .iter()
        .find_map(|mark| variant.find(mark))?;
    let (before, after) = variant.split_at(mark);
    match before.split_once('(') {
        Some((_, fields)) if !before.contains('{') => Some(fields.matches(',').count().to_string()),
        _ => {
            let field = after
                .trim_start_matches("#[source]")
                .trim_start_matches("#[from]");
            let field = field.trim_start().trim_start_matches("pub ");
            Some(field.split(':').next()?.to_owned())
        }
    }
}

#[test]
fn both_forms_of_a_source_are_found() {
    let found = |text: &str| {
        let source = Source {
            path: String::new(),
            text: format!("#[error({text}\n}}\n"),
        };
        tells_twice(&source).count()
    };
    for twice in [
        "\"cannot read: {0}\")]\n    Read(#[from] io::Error),",
        "\"cannot read {0}: {1}\")]\n    Read(PathBuf, #[source] io::Error),",
        "\"cannot read {}\", .error)]\n    Read {\n        #[source]\n        error: io::Error,\n    },",
        "\"{path}: {source}\")]\n    Read {\n        path: PathBuf,\n        source: io::Error,\n    },",
    ] {
        assert_eq!(found(twice), 1, "{twice}");
    }
    for once in [
        "transparent)]\n    Read(#[from] io::Error),",
        "\"cannot read {0}\")]\n    Read(PathBuf, #[source] io::Error),",
        "\"cannot read {path}\")]\n    Read {\n        path: PathBuf,\n        source: io::Error,\n    },",
        "\"cannot read: {0}\")]\n    Read(io::Error),",
    ] {
        assert_eq!(found(once), 0, "{once}");
    }
}
