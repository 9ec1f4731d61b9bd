package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.Copies.Places;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Copies in patterns. */
interface CopiesConformance extends ConformanceCase {

  @Test
  default void wordsComeFromTheirPlaces() {
    Seeds.forAll(
        80,
        random -> {
          int rows = random.nextInt(0, 9);
          int count = random.nextInt(0, 100);
          int step = random.nextInt(1, 40);
          int[] places =
              random.nextBoolean() ? anywhere(random, count) : interleaved(random, count);
          int[] words = random.ints(500 + 9 * step).toArray();
          int pitch = count + random.nextInt(5);
          Output y = Output.ofWords(Math.max(1, rows * pitch));
          MemorySegment bare = y.segment().asSlice(y.offset() * Integer.BYTES);
          bare.asSlice(0, (long) rows * pitch * Integer.BYTES).fill((byte) 0);

          kernels()
              .copies()
              .gather(
                  Integer.BYTES,
                  rows,
                  Places.of(places),
                  Input.bare(words),
                  0,
                  (long) step * Integer.BYTES,
                  bare,
                  0,
                  (long) pitch * Integer.BYTES);

          for (int row = 0; row < rows; row++) {
            for (int i = 0; i < pitch; i++) {
              int expected = i < count ? words[row * step + places[i] / Integer.BYTES] : 0;
              assertEquals(expected, y.getInt(0, row * pitch + i), row + ", " + i);
            }
          }
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void bytesComeFromTheirPlacesUpToTheLastOfTheSource() {
    Seeds.forAll(
        80,
        random -> {
          int rows = random.nextInt(0, 9);
          int count = random.nextInt(1, 100);
          int step = random.nextInt(1, 40);
          int[] places = random.ints(count, 0, 500).toArray();
          places[random.nextInt(count)] = 499;
          byte[] bytes = new byte[500 + 8 * step];
          random.nextBytes(bytes);
          Output y = Output.ofBytes(Math.max(1, rows * count));
          MemorySegment bare = y.segment().asSlice(y.offset());
          bare.asSlice(0, Math.max(1, rows * count)).fill((byte) 0);

          kernels()
              .copies()
              .gather(1, rows, Places.of(places), Input.bare(bytes), 0, step, bare, 0, count);

          for (int i = 0; i < rows * count; i++) {
            assertEquals(bytes[i / count * step + places[i % count]], y.getByte(i), "" + i);
          }
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void rowsOfAnyLengthAreCopied() {
    Seeds.forAll(
        80,
        random -> {
          int rows = random.nextInt(0, 9);
          int length = random.nextInt(6) == 0 ? 3000 : random.nextInt(0, 150);
          int step = length + random.nextInt(7);
          int pitch = length + random.nextInt(5);
          byte[] x = new byte[9 * step + length];
          random.nextBytes(x);
          Output y = Output.ofBytes(Math.max(1, rows * pitch));
          MemorySegment bare = y.segment().asSlice(y.offset());
          bare.asSlice(0, (long) rows * pitch).fill((byte) 0);

          kernels().copies().rows(rows, length, Input.bare(x), 0, step, bare, 0, pitch);

          for (int row = 0; row < rows; row++) {
            for (int i = 0; i < pitch; i++) {
              int expected = i < length ? x[row * step + i] : 0;
              assertEquals(expected, y.getByte(row * pitch + i), row + ", " + i);
            }
          }
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void matricesOfAnySizeAreTransposed() {
    Seeds.forAll(
        80,
        random -> {
          int rows = random.nextBoolean() ? random.nextInt(0, 70) : random.nextInt(0, 6);
          int columns = random.nextInt(5) == 0 ? random.nextInt(4) : random.nextInt(0, 90);
          int step = columns + random.nextInt(7);
          int pitch = rows + Math.max(0, random.nextInt(-4, 5));
          int[] words = random.ints(Math.max(1, rows * step)).toArray();
          Output y = Output.ofWords(Math.max(1, columns * pitch));
          MemorySegment bare = y.segment().asSlice(y.offset() * Integer.BYTES);
          bare.asSlice(0, (long) columns * pitch * Integer.BYTES).fill((byte) 0);

          kernels()
              .copies()
              .transpose(
                  Integer.BYTES,
                  rows,
                  columns,
                  Input.bare(words),
                  0,
                  (long) step * Integer.BYTES,
                  bare,
                  0,
                  (long) pitch * Integer.BYTES);

          for (int column = 0; column < columns; column++) {
            for (int row = 0; row < pitch; row++) {
              int expected = row < rows ? words[row * step + column] : 0;
              assertEquals(expected, y.getInt(0, column * pitch + row), row + ", " + column);
            }
          }
          y.assertNothingElseWritten();
        });
  }

  @Test
  default void matricesOfBytesAreTransposed() {
    Seeds.forAll(
        80,
        random -> {
          int rows = random.nextInt(0, 200);
          int columns = random.nextInt(0, 90);
          int step = columns + random.nextInt(7);
          int pitch = rows + random.nextInt(5);
          byte[] x = new byte[Math.max(1, rows * step)];
          random.nextBytes(x);
          Output y = Output.ofBytes(Math.max(1, columns * pitch));
          MemorySegment bare = y.segment().asSlice(y.offset());
          bare.asSlice(0, (long) columns * pitch).fill((byte) 0);

          kernels().copies().transpose(1, rows, columns, Input.bare(x), 0, step, bare, 0, pitch);

          for (int column = 0; column < columns; column++) {
            for (int row = 0; row < pitch; row++) {
              int expected = row < rows ? x[row * step + column] : 0;
              assertEquals(expected, y.getByte(column * pitch + row), row + ", " + column);
            }
          }
          y.assertNothingElseWritten();
        });
  }

  /** Places of words without any order. */
  private static int[] anywhere(Random random, int count) {
    return random.ints(count, 0, 500).map(place -> place * Integer.BYTES).toArray();
  }

  /** Places of words that take turns in coming from a few stretches, which may be the same. */
  private static int[] interleaved(Random random, int count) {
    int[] stretches = random.ints(random.nextInt(1, 11), 0, 400).toArray();
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      places[i] = (stretches[i % stretches.length] + i / stretches.length) * Integer.BYTES;
    }
    return places;
  }
}
