//! A capsule that a host must refuse: it imports an interface that no host
//! provides.

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package boll:test-unlinkable@0.2.0;

            interface nowhere {
                call: func() -> u32;
            }

            world unlinkable {
                import nowhere;
            }
        ",
    });
}

/// The capsule.
pub struct Unlinkable;

#[boll_sdk::capsule]
impl Unlinkable {
    /// Would call what is not there.
    pub fn call() -> Result<boll_sdk::Json<u32>, boll_sdk::Failure> {
        Ok(boll_sdk::Json(nowhere()))
    }
}

#[cfg(target_family = "wasm")]
fn nowhere() -> u32 {
    bindings::boll::test_unlinkable::nowhere::call()
}

#[cfg(not(target_family = "wasm"))]
fn nowhere() -> u32 {
    0
}
