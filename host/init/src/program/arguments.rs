//! The arguments that the program was executed with.

use core::ffi::{CStr, c_char};

use super::sys;

/// The arguments, the program's own name first.
#[derive(Clone, Copy)]
pub(crate) struct Arguments(&'static [*const c_char]);

impl Arguments {
    /// # Safety
    ///
    /// `stack` is the stack pointer that the kernel entered the program with.
    pub(crate) unsafe fn on(stack: *const usize) -> Self {
        // SAFETY: the number of arguments is the first word on the stack.
        let count = unsafe { *stack };
        // SAFETY: there is something behind the number.
        let first = unsafe { stack.add(1) }.cast();
        // SAFETY: as many pointers follow the number, and stay as they are.
        Self(unsafe { core::slice::from_raw_parts(first, count) })
    }

    /// The argument at `index`, if there is one.
    pub(crate) fn get(self, index: usize) -> Option<&'static CStr> {
        let text = *self.0.get(index)?;
        // SAFETY: the kernel put a NUL-terminated string there for the program's life.
        Some(unsafe { CStr::from_ptr(text) })
    }

    /// The argument at `index`; without it the program ends.
    pub(crate) fn text(self, index: usize) -> &'static CStr {
        self.get(index).unwrap_or_else(|| sys::exit(255))
    }

    /// The same, of a number.
    pub(crate) fn number(self, index: usize) -> u32 {
        let text = self.text(index).to_str().ok();
        text.and_then(|text| text.parse().ok())
            .unwrap_or_else(|| sys::exit(255))
    }

    /// The same, of a descriptor.
    pub(crate) fn descriptor(self, index: usize) -> i32 {
        self.number(index) as i32
    }

    /// The arguments from `first` on.
    pub(crate) fn from(self, first: usize) -> impl Iterator<Item = &'static CStr> {
        (first..).map_while(move |index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_the_kernel_says() {
        // What is behind the arguments: a zero, and the environment.
        static STACK: [usize; 1] = [0];
        // SAFETY: no argument follows the number.
        let none = unsafe { Arguments::on(STACK.as_ptr()) };
        assert_eq!(none.get(0), None);

        let texts = [c"init", c"run", c"A=b"].map(|text| text.as_ptr() as usize);
        let stack = std::boxed::Box::leak(std::boxed::Box::new([
            2, texts[0], texts[1], 0, texts[2], 0,
        ]));
        // SAFETY: it is as the kernel would have it, and stays.
        let arguments = unsafe { Arguments::on(stack.as_ptr()) };
        assert_eq!(arguments.get(0), Some(c"init"));
        assert_eq!(arguments.get(1), Some(c"run"));
        assert_eq!(arguments.get(2), None);
        assert_eq!(arguments.from(1).count(), 1);
        assert_eq!(arguments.from(2).next(), None);
    }
}
