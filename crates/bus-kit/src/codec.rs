//! AMQP 1.0's type system, as far as its own frames use it; whatever else comes is kept as it came.

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Uint(u32),
    Ulong(u64),
    Int(i32),
    Long(i64),
    Timestamp(i64),
    Binary(Vec<u8>),
    Text(String),
    Symbol(String),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Described(Box<Value>, Box<Value>),
    /// Of another type: its code and its bytes.
    Other(u8, Vec<u8>),
}

/// Bytes that are no value.
#[derive(Debug)]
pub(crate) struct Malformed;

type Read<T> = Result<T, Malformed>;

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Read<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(n).ok_or(Malformed)?;
    *bytes = tail;
    Ok(head)
}

fn number(bytes: &mut &[u8], width: usize) -> Read<u64> {
    Ok(take(bytes, width)?.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

fn text(bytes: &mut &[u8], width: usize) -> Read<String> {
    let length = number(bytes, width)? as usize;
    Ok(String::from_utf8_lossy(take(bytes, length)?).into_owned())
}

impl Value {
    /// Reads the value at the beginning, and goes past it.
    pub(crate) fn read(bytes: &mut &[u8]) -> Read<Value> {
        let code = take(bytes, 1)?[0];
        if code == 0 {
            let descriptor = Value::read(bytes)?;
            return Ok(Value::Described(Box::new(descriptor), Box::new(Value::read(bytes)?)));
        }
        Ok(match code {
            0x40 => Value::Null,
            0x41 => Value::Bool(true),
            0x42 => Value::Bool(false),
            0x56 => Value::Bool(take(bytes, 1)?[0] != 0),
            0x43 => Value::Uint(0),
            0x52 => Value::Uint(number(bytes, 1)? as u32),
            0x70 => Value::Uint(number(bytes, 4)? as u32),
            0x44 => Value::Ulong(0),
            0x53 => Value::Ulong(number(bytes, 1)?),
            0x80 => Value::Ulong(number(bytes, 8)?),
            0x54 => Value::Int(i32::from(number(bytes, 1)? as i8)),
            0x71 => Value::Int(number(bytes, 4)? as i32),
            0x55 => Value::Long(i64::from(number(bytes, 1)? as i8)),
            0x81 => Value::Long(number(bytes, 8)? as i64),
            0x83 => Value::Timestamp(number(bytes, 8)? as i64),
            0xa0 | 0xb0 => {
                let length = number(bytes, if code == 0xa0 { 1 } else { 4 })? as usize;
                Value::Binary(take(bytes, length)?.to_vec())
            }
            0xa1 => Value::Text(text(bytes, 1)?),
            0xb1 => Value::Text(text(bytes, 4)?),
            0xa3 => Value::Symbol(text(bytes, 1)?),
            0xb3 => Value::Symbol(text(bytes, 4)?),
            0x45 => Value::List(Vec::new()),
            0xc0 | 0xd0 => Value::List(compound(bytes, if code == 0xc0 { 1 } else { 4 })?),
            0xc1 | 0xd1 => {
                let mut items = compound(bytes, if code == 0xc1 { 1 } else { 4 })?.into_iter();
                let mut pairs = Vec::new();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    pairs.push((key, value));
                }
                Value::Map(pairs)
            }
            0xe0 | 0xf0 => {
                let width = if code == 0xe0 { 1 } else { 4 };
                let mut ahead = *bytes;
                let length = number(&mut ahead, width)? as usize;
                Value::Other(code, take(bytes, width + length)?.to_vec())
            }
            // The first digit says how wide the others are.
            _ => {
                let width = match code >> 4 {
                    5 => 1,
                    6 => 2,
                    7 => 4,
                    8 => 8,
                    9 => 16,
                    _ => return Err(Malformed),
                };
                Value::Other(code, take(bytes, width)?.to_vec())
            }
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let sized = |out: &mut Vec<u8>, code: u8, bytes: &[u8]| {
            out.push(code);
            out.extend((bytes.len() as u32).to_be_bytes());
            out.extend(bytes);
        };
        match self {
            Value::Null => out.push(0x40),
            Value::Bool(true) => out.push(0x41),
            Value::Bool(false) => out.push(0x42),
            Value::Uint(n) => {
                out.push(0x70);
                out.extend(n.to_be_bytes());
            }
            // Descriptors in their short form, as everybody writes them.
            Value::Ulong(n) => match u8::try_from(*n) {
                Ok(n) => out.extend([0x53, n]),
                Err(_) => {
                    out.push(0x80);
                    out.extend(n.to_be_bytes());
                }
            },
            Value::Int(n) => {
                out.push(0x71);
                out.extend(n.to_be_bytes());
            }
            Value::Long(n) => {
                out.push(0x81);
                out.extend(n.to_be_bytes());
            }
            Value::Timestamp(n) => {
                out.push(0x83);
                out.extend(n.to_be_bytes());
            }
            Value::Binary(bytes) => sized(out, 0xb0, bytes),
            Value::Text(text) => sized(out, 0xb1, text.as_bytes()),
            Value::Symbol(text) => sized(out, 0xb3, text.as_bytes()),
            Value::List(items) => {
                let mut body = (items.len() as u32).to_be_bytes().to_vec();
                items.iter().for_each(|item| item.write(&mut body));
                sized(out, 0xd0, &body);
            }
            Value::Map(pairs) => {
                let mut body = (pairs.len() as u32 * 2).to_be_bytes().to_vec();
                for (key, value) in pairs {
                    key.write(&mut body);
                    value.write(&mut body);
                }
                sized(out, 0xd1, &body);
            }
            Value::Described(descriptor, value) => {
                out.push(0);
                descriptor.write(out);
                value.write(out);
            }
            Value::Other(code, bytes) => {
                out.push(*code);
                out.extend(bytes);
            }
        }
    }

    /// The fields of a described list with this descriptor.
    pub(crate) fn described(code: u64, fields: Vec<Value>) -> Value {
        Value::Described(Box::new(Value::Ulong(code)), Box::new(Value::List(fields)))
    }

    /// Its descriptor and fields, if it is a described list.
    pub(crate) fn composite(&self) -> Option<(u64, &[Value])> {
        match self {
            Value::Described(descriptor, value) => match (descriptor.as_ref(), value.as_ref()) {
                (Value::Ulong(code), Value::List(fields)) => Some((*code, fields)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn uint(&self) -> Option<u32> {
        if let Value::Uint(n) = self { Some(*n) } else { None }
    }

    pub(crate) fn is_true(&self) -> bool {
        *self == Value::Bool(true)
    }

    pub(crate) fn str(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Symbol(text) => Some(text),
            _ => None,
        }
    }
}

fn compound(bytes: &mut &[u8], width: usize) -> Read<Vec<Value>> {
    let length = number(bytes, width)? as usize;
    let mut body = take(bytes, length)?;
    let count = number(&mut body, width)?;
    (0..count).map(|_| Value::read(&mut body)).collect()
}

/// A symbol.
pub(crate) fn symbol(text: &str) -> Value {
    Value::Symbol(text.to_owned())
}

/// A string.
pub(crate) fn string(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The field of a list, null past its end: trailing nulls may be left out.
pub(crate) fn field(fields: &[Value], n: usize) -> &Value {
    fields.get(n).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let value = Value::described(
            0x14,
            vec![
                Value::Uint(300),
                Value::Null,
                Value::Ulong(1 << 40),
                Value::Int(-5),
                Value::Long(-6),
                Value::Timestamp(7),
                Value::Binary(vec![1, 2]),
                string("đồng"),
                Value::Map(vec![(symbol("a"), Value::Bool(true))]),
                Value::Other(0x98, vec![9; 16]),
                Value::Other(0xe0, vec![4, 1, 0xa3, 1, b'x']),
            ],
        );
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        let mut rest = bytes.as_slice();
        assert_eq!(Value::read(&mut rest).unwrap(), value);
        assert!(rest.is_empty());
    }
}
