package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.proto.ConvolutionDimensionNumbers;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import io.gemlab.tpu.hlo.proto.WindowDimension;

/** FLOPs of a convolution, which is also what a TPU's compiler makes of a matrix product. */
final class ConvolutionFlops {
  private ConvolutionFlops() {}

  /** Two for each pair of a kernel's and an input's element that meet. */
  static double of(HloInstructionProto convolution, ShapeProto input, ShapeProto kernel) {
    ConvolutionDimensionNumbers names = convolution.getConvolutionDimensionNumbers();
    ShapeProto output = convolution.getShape();
    double pairs =
        (double) input.getDimensions((int) names.getInputFeatureDimension())
            / Math.max(1, convolution.getFeatureGroupCount())
            * output.getDimensions((int) names.getOutputFeatureDimension())
            * input.getDimensions((int) names.getInputBatchDimension())
            / Math.max(1, convolution.getBatchGroupCount());
    for (int i = 0; i < convolution.getWindow().getDimensionsCount(); i++) {
      pairs *=
          meetings(
              convolution.getWindow().getDimensions(i),
              input.getDimensions((int) names.getInputSpatialDimensions(i)),
              kernel.getDimensions((int) names.getKernelSpatialDimensions(i)),
              output.getDimensions((int) names.getOutputSpatialDimensions(i)));
    }
    return 2 * pairs;
  }

  /**
   * How often a kernel's place meets an input's along one dimension: {@code output * stride -
   * padding + kernel * windowDilation = input * baseDilation}.
   */
  private static long meetings(WindowDimension window, long inputs, long kernels, long outputs) {
    long stride = Math.max(1, window.getStride());
    long windowDilation = Math.max(1, window.getWindowDilation());
    long baseDilation = Math.max(1, window.getBaseDilation());
    long meetings = 0;
    for (long kernel = 0; kernel < kernels; kernel++) {
      long shift = kernel * windowDilation - window.getPaddingLow();
      if (inputs < outputs) {
        for (long input = 0; input < inputs; input++) {
          if (isPlace(input * baseDilation - shift, stride, outputs)) meetings++;
        }
      } else {
        for (long output = 0; output < outputs; output++) {
          if (isPlace(output * stride + shift, baseDilation, inputs)) meetings++;
        }
      }
    }
    return meetings;
  }

  private static boolean isPlace(long position, long step, long places) {
    return position >= 0 && position % step == 0 && position / step < places;
  }
}
