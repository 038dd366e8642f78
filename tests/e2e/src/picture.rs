//! Pictures for tests, written by hand: nothing here decodes or knows the program.

/// A grey PNG of one level. However large, it is a small file: each row is packed as a repetition.
pub fn png(width: u32, height: u32, level: u8) -> Vec<u8> {
    let mut rows = Rows::default();
    for _ in 0..height {
        rows.push(0, 1); // no filter
        rows.push(level, width);
    }
    file((width, height), rows)
}

/// A grey PNG of fields, each of a level of its own, and different for each number: some hundred
/// kilobytes for twelve megapixels.
pub fn striped((width, height): (u32, u32), number: u32) -> Vec<u8> {
    const FIELD: u32 = 266;
    let mut rows = Rows::default();
    for y in 0..height {
        rows.push(0, 1);
        for x in (0..width).step_by(FIELD as usize) {
            let level = number * 31 + x / FIELD * 17 + (y + number) / 97 * 13;
            rows.push(level.to_le_bytes()[0], FIELD.min(width - x));
        }
    }
    file((width, height), rows)
}

fn file((width, height): (u32, u32), rows: Rows) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 0, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", header), (b"IDAT", rows.finish()), (b"IEND", Vec::new())] {
        let body = [&kind[..], &data].concat();
        file.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        file.extend(&body);
        file.extend(checksum(&body).to_be_bytes());
    }
    file
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

/// Deflate with its fixed codes.
struct Rows {
    bytes: Vec<u8>,
    bits: u32,
    held: u32,
    sums: (u32, u32),
}

impl Default for Rows {
    fn default() -> Self {
        let mut rows = Self { bytes: vec![0x78, 1], bits: 0, held: 0, sums: (1, 0) };
        rows.write(0b011, 3); // the last block, and the fixed codes
        rows
    }
}

impl Rows {
    /// Bits as numbers are written, the lowest first.
    fn write(&mut self, value: u32, count: u32) {
        self.held |= value << self.bits;
        self.bits += count;
        while self.bits >= 8 {
            self.bytes.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.bits -= 8;
        }
    }

    /// Bits as codes are written, the highest first.
    fn code(&mut self, value: u32, count: u32) {
        self.write(value.reverse_bits() >> (32 - count), count);
    }

    /// So many of the same byte: once, and then what repeats it.
    fn push(&mut self, byte: u8, mut count: u32) {
        // Adler-32 of a repetition, by the sum of 1 to `n`.
        let (a, b) = (u64::from(self.sums.0), u64::from(self.sums.1));
        let (n, each) = (u64::from(count), u64::from(byte));
        let next = [a + n * each, b + n * a + n * (n + 1) / 2 * each].map(|sum| sum % 65_521);
        self.sums = next.map(|sum| u32::try_from(sum).unwrap_or_default()).into();
        let literal = u32::from(byte);
        let literally = |rows: &mut Self| match literal {
            0..144 => rows.code(0x30 + literal, 8),
            _ => rows.code(0x190 + literal - 144, 9),
        };
        literally(self);
        count -= 1;
        while count >= 258 {
            self.code(0b1100_0101, 8); // 258 bytes
            self.code(0, 5); // from one before
            count -= 258;
        }
        for _ in 0..count {
            literally(self);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.code(0, 7);
        self.write(0, 7); // fills the last byte
        let (a, b) = self.sums;
        self.bytes.extend((b << 16 | a).to_be_bytes());
        self.bytes
    }
}

/// A form with files, as browsers send it: its kind and its bytes.
pub fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, text) in fields {
        let part =
            format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        body.extend(part.bytes());
    }
    for (name, file, bytes) in files {
        let head = format!(
            "--part\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--part--\r\n");
    ("multipart/form-data; boundary=part".to_owned(), body)
}
