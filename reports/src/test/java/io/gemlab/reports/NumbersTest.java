package io.gemlab.reports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0",
        "-0.0 | 0",
        "1 | 1.000",
        "2.4132 | 2.413",
        "-0.01234 | −0.01234",
        "0.0001 | 0.0001000",
        "0.00001234 | 1.234×10⁻⁵",
        "1024 | 1024",
        "65536 | 65,536",
        "12345.6 | 12,346",
        "9999.96 | 10,000",
        "1234567 | 1,234,567",
        "9999999.9 | 1.000×10⁷",
        "2.6e9 | 2.600×10⁹",
        "-1e300 | −1.000×10³⁰⁰",
        "4.9e-324 | 4.900×10⁻³²⁴",
        "NaN | NaN",
        "Infinity | ∞",
        "-Infinity | −∞"
      })
  void plainNumberKeepsFourSignificantDigits(double value, String text) {
    assertEquals(text, Numbers.plain(value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0",
        "512 | 512",
        "65536 | 65,536",
        "0.001 | 0.001",
        "-0.25 | −0.25",
        "0.30000000000000004 | 0.3",
        "1e9 | 1×10⁹",
        "2.5e-7 | 2.5×10⁻⁷",
        "NaN | NaN"
      })
  void exactNumberKeepsWhatItHas(double value, String text) {
    assertEquals(text, Numbers.exact(value));
  }

  @Test
  void decimalsAreExact() {
    assertEquals("2.50", Numbers.decimals(2.5, 2));
    assertEquals("0.00", Numbers.decimals(-0.001, 2));
    assertEquals("1,000,000.0", Numbers.decimals(1e6, 1));
  }

  @Test
  void uncertaintyDecidesTheDecimals() {
    assertEquals(3, Numbers.decimalsFor(0.012));
    assertEquals(2, Numbers.decimalsFor(0.0999));
    assertEquals(0, Numbers.decimalsFor(123));
    assertEquals(12, Numbers.decimalsFor(1e-300));
    assertEquals(4, Numbers.decimalsFor(0.0011, 0.0020));
    assertEquals(5, Numbers.decimalsFor(0.00001, 0.5));
    assertEquals(5, Numbers.decimalsFor(0.5, 0.00001));
    assertThrows(IllegalArgumentException.class, () -> Numbers.decimalsFor(0));
  }

  @Test
  void pValues() {
    assertEquals("0.012", Numbers.pValue(0.0123));
    assertEquals("<0.001", Numbers.pValue(1e-9));
    assertEquals("1.000", Numbers.pValue(1));
    assertThrows(IllegalArgumentException.class, () -> Numbers.pValue(Double.NaN));
  }

  /** Read back, the text is within half a unit of its last digit, whatever the locale. */
  @Test
  void textReadsBackAsTheNumber() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      Random random = new Random(7);
      for (int i = 0; i < 10_000; i++) {
        double value = random.nextGaussian() * Math.pow(10, random.nextInt(-12, 13));
        int digits = random.nextInt(1, 10);
        double read = read(Numbers.significant(value, digits));
        double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - digits + 1);
        assertTrue(
            Math.abs(read - value) <= 0.5000001 * unit,
            value + " was written " + Numbers.significant(value, digits));
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  private static double read(String text) {
    String ascii = text.replace(",", "").replace('−', '-').replace("×10", "e").replace('⁻', '-');
    for (int digit = 0; digit < 10; digit++) {
      ascii = ascii.replace("⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(digit), (char) ('0' + digit));
    }
    return Double.parseDouble(ascii);
  }
}
