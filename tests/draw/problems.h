// Small problems of every kind that a drawing has to show.
#pragma once

namespace tconv::draw {

inline constexpr const char* kDrawn[] = {"i1x1 k1",
                                         "i3x3 k3",
                                         "i3x3 k3 s2",
                                         "i3x3 k3 s2 p1",
                                         "i2x5 k3x2 s1x3 p1x0",
                                         "i3x3 k3 s2 p1 op1",
                                         "i2x2 k4 s3 op2",
                                         "i3x2 k2 s2 d2",
                                         "i3x3 k2 s3 d2 p1",
                                         "i3x3 k1 s3",
                                         "i4x4 k2 s3 p1",
                                         "i3x3 k3 s2 p0:1",
                                         "i3x3 k3 s2 p1x0:0x2",
                                         "i3x3 k3 p2",
                                         "i3x3 k3 s2 p2 o2x7",
                                         "i2x2 k2 s2 o9x4",
                                         "i2x2 k2 p1:0 o1x2",
                                         "i5 k3 s2 p1",
                                         "i4 k4 s1 d3",
                                         "i3 k2 s4 op3",
                                         "ic2 oc3 i2x2 k2",
                                         "ic4 oc4 i2x3 k3 s2 p1 g2",
                                         "ic3 oc6 i2x2 k2 s2 g3",
                                         "ic2 oc1 i3 k3 s2",
                                         "i2x2x2 k2 s2",
                                         "i2x3x2 k3x2x1 s2x1x2 p1x0x0",
                                         "ic2 oc2 i2x2x1 k2 g2",
                                         "i3x3 k3 s2 bias",
                                         "ic2 oc2 i2x2 k3 s2 p1 bias nhwc f64",
                                         "i3x3 k3 s3 d3 p2",
                                         "i6x6 k5 s2 p2 op1",
                                         "i2x3 k2 s2 bias leaky:0.5"};

}  // namespace tconv::draw
