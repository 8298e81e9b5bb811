//! The value of a log field.

/// The value of a log field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

impl Value {
    /// The text that a value shows itself as.
    ///
    /// ```
    /// # use boll_sdk::log::Value;
    /// assert_eq!(Value::display('x'), Value::Text("x".into()));
    /// ```
    pub fn display(value: impl std::fmt::Display) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<f32> for Value {
    fn from(number: f32) -> Self {
        Self::Number(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

macro_rules! from_integer {
    ($($type:ty),+) => {$(
        /// A number that an `i64` cannot hold becomes a text, so that it stays
        /// exact.
        impl From<$type> for Value {
            fn from(number: $type) -> Self {
                i64::try_from(number).map_or_else(|_| Self::display(number), Self::Integer)
            }
        }
    )+};
}

from_integer!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);
