//! Switches a fault on in a built guest.

use std::fs;
use std::io;
use std::path::Path;

/// What stands before the place for the name of a fault: `tests/conformance/src/fault.rs`.
const MARK: &[u8] = b"boll-conformance-fault:";
/// What the place is filled with.
const EMPTY: u8 = b'.';

/// Writes a copy of a guest with a fault.
///
/// # Errors
///
/// It has no place for one, or the files cannot be read or written.
pub(super) fn with_fault(component: &Path, fault: &str, copy: &Path) -> io::Result<()> {
    let mut bytes = fs::read(component)?;
    switch_on(&mut bytes, fault).map_err(|what| {
        let text = format!("{}: {what}", component.display());
        io::Error::new(io::ErrorKind::InvalidData, text)
    })?;
    fs::write(copy, bytes)
}

fn switch_on(bytes: &mut [u8], fault: &str) -> Result<(), &'static str> {
    let windows = bytes.windows(MARK.len()).enumerate();
    let mut places = windows.filter_map(|(at, window)| (window == MARK).then_some(at));
    let (place, another) = (places.next(), places.next());
    let place = place.ok_or("the guest has no place for a fault")? + MARK.len();
    if another.is_some() {
        return Err("the guest has several places for a fault");
    }
    let name = fault.as_bytes();
    let place = bytes.get_mut(place..place + name.len() + 1);
    let place = place.filter(|place| place.iter().all(|byte| *byte == EMPTY));
    // The byte behind it is left: it ends the name.
    let place = place.ok_or("the name of the fault is too long for its place")?;
    place[..name.len()].copy_from_slice(name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_written_into_its_place_and_nowhere_else() {
        let switched = |guest: &str, fault| {
            let mut bytes = guest.as_bytes().to_vec();
            switch_on(&mut bytes, fault).map(|()| String::from_utf8(bytes).unwrap())
        };
        assert_eq!(
            switched("..boll-conformance-fault:......", "cut").unwrap(),
            "..boll-conformance-fault:cut..."
        );
        for (guest, fault, expected) in [
            ("..........", "cut", "no place"),
            ("boll-conformance-fault:...", "cut", "too long"),
            ("boll-conformance-fault:ab....", "cut", "too long"),
            (
                "boll-conformance-fault:....boll-conformance-fault:....",
                "cut",
                "several",
            ),
        ] {
            let error = switched(guest, fault).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
