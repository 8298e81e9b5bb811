//! Has the program built anew when a file is added to what it carries: the compiler sees by itself only that one
//! changes.

fn main() {
    for folder in ["templates", "demo", "sdk", "wit"] {
        for file in walk(folder.as_ref()) {
            println!("cargo:rerun-if-changed={}", file.display());
        }
    }
}

/// The folders, links followed: their own dates tell of new files.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() && entry.file_name() != "__pycache__" {
            found.extend(walk(&entry.path()));
        }
    }
    found
}
