package io.gemlab.graph.base.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheFolderTest {
  @ParameterizedTest
  @CsvSource({
    "        ,      , /home/a, /home/a/.cache/gemlab",
    "        , /xdg , /home/a, /xdg/gemlab",
    "        , xdg  , /home/a, /home/a/.cache/gemlab",
    "/own    , /xdg , /home/a, /own",
    "''      , /xdg , /home/a, ",
    "own     , /xdg , /home/a, ",
    "        ,      , ?      , "
  })
  void isWhereTheEnvironmentSays(String own, String xdg, String home, String expected) {
    Map<String, String> environment = new HashMap<>();
    if (own != null) environment.put("GEMLAB_CACHE", own);
    if (xdg != null) environment.put("XDG_CACHE_HOME", xdg);
    assertEquals(Optional.ofNullable(expected).map(Path::of), CacheFolder.root(environment, home));
  }
}
